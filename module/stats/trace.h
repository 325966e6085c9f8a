/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints setway:*, for `perf` and /sys/kernel/tracing.
 *
 * Each names the vCPU by its id.  The fields that all events have name the
 * thread, and so the VM.  trace.c is the one file with CREATE_TRACE_POINTS.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM setway

#if !defined(SETWAY_STATS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SETWAY_STATS_TRACE_H

#include <linux/tracepoint.h>
#include "../el2/context.h"
#include "../trap/setway.h"

/* Export the names, for tools that read the format files and do not know enumerators. */
TRACE_DEFINE_ENUM(SETWAY_NONE);
TRACE_DEFINE_ENUM(SETWAY_ISW);
TRACE_DEFINE_ENUM(SETWAY_IGSW);
TRACE_DEFINE_ENUM(SETWAY_IGDSW);
TRACE_DEFINE_ENUM(SETWAY_CSW);
TRACE_DEFINE_ENUM(SETWAY_CGSW);
TRACE_DEFINE_ENUM(SETWAY_CGDSW);
TRACE_DEFINE_ENUM(SETWAY_CISW);
TRACE_DEFINE_ENUM(SETWAY_CIGSW);
TRACE_DEFINE_ENUM(SETWAY_CIGDSW);
TRACE_DEFINE_ENUM(EL2_EXIT_SYNC);
TRACE_DEFINE_ENUM(EL2_EXIT_IRQ);
TRACE_DEFINE_ENUM(EL2_EXIT_SERROR);
TRACE_DEFINE_ENUM(EL2_EXIT_ILLEGAL);
TRACE_DEFINE_ENUM(EL2_EXIT_RETRY);
TRACE_DEFINE_ENUM(EL2_EXIT_PANIC);

/**
 * batch_begin() - a batch is about to be harvested
 * @vcpu: id
 * @op: &enum setway_op; SETWAY_NONE for a cache toggle, or a start with caches off
 * @operand: register of the Set/Way operation, 0 for a toggle
 */
TRACE_EVENT(batch_begin,
	    TP_PROTO(unsigned int vcpu, unsigned int op, u32 operand),
	    TP_ARGS(vcpu, op, operand),

	    TP_STRUCT__entry(__field(unsigned int, vcpu)
			     __field(unsigned int, op)
			     __field(u32, operand)
	    ),

	    TP_fast_assign(__entry->vcpu = vcpu;
			   __entry->op = op;
			   __entry->operand = operand;
	    ),

	    TP_printk("vcpu=%u op=%s operand=0x%x", __entry->vcpu,
		      __print_symbolic(__entry->op,
				       { SETWAY_NONE, "toggle" },
				       { SETWAY_ISW, "isw" },
				       { SETWAY_IGSW, "igsw" },
				       { SETWAY_IGDSW, "igdsw" },
				       { SETWAY_CSW, "csw" },
				       { SETWAY_CGSW, "cgsw" },
				       { SETWAY_CGDSW, "cgdsw" },
				       { SETWAY_CISW, "cisw" },
				       { SETWAY_CIGSW, "cigsw" },
				       { SETWAY_CIGDSW, "cigdsw" }),
		      __entry->operand)
);

/**
 * batch_end() - a batch is cleaned to its end
 * @vcpu: id
 * @harvested: 4 KiB pages that the harvest took back
 * @cleaned: 4 KiB pages that were cleaned
 * @mapped: 4 KiB pages that were mapped at harvest
 */
TRACE_EVENT(batch_end,
	    TP_PROTO(unsigned int vcpu, u64 harvested, u64 cleaned, u64 mapped),
	    TP_ARGS(vcpu, harvested, cleaned, mapped),

	    TP_STRUCT__entry(__field(unsigned int, vcpu)
			     __field(u64, harvested)
			     __field(u64, cleaned)
			     __field(u64, mapped)
	    ),

	    TP_fast_assign(__entry->vcpu = vcpu;
			   __entry->harvested = harvested;
			   __entry->cleaned = cleaned;
			   __entry->mapped = mapped;
	    ),

	    TP_printk("vcpu=%u harvested=%llu cleaned=%llu mapped=%llu",
		      __entry->vcpu, __entry->harvested, __entry->cleaned,
		      __entry->mapped)
);

/**
 * clean_range() - a batch has cleaned a leaf to the PoC
 * @ipa: start
 * @size: bytes
 */
TRACE_EVENT(clean_range,
	    TP_PROTO(u64 ipa, u64 size),
	    TP_ARGS(ipa, size),

	    TP_STRUCT__entry(__field(u64, ipa)
			     __field(u64, size)
	    ),

	    TP_fast_assign(__entry->ipa = ipa;
			   __entry->size = size;
	    ),

	    TP_printk("ipa=0x%llx size=0x%llx", __entry->ipa, __entry->size)
);

/**
 * revalidate() - an idle page became accessed again
 * @vcpu: id
 * @ipa: faulting address
 */
TRACE_EVENT(revalidate,
	    TP_PROTO(unsigned int vcpu, u64 ipa),
	    TP_ARGS(vcpu, ipa),

	    TP_STRUCT__entry(__field(unsigned int, vcpu)
			     __field(u64, ipa)
	    ),

	    TP_fast_assign(__entry->vcpu = vcpu;
			   __entry->ipa = ipa;
	    ),

	    TP_printk("vcpu=%u ipa=0x%llx", __entry->vcpu, __entry->ipa)
);

/**
 * toggle() - SCTLR_EL1 was written while such writes are trapped
 * @vcpu: id
 * @was: MMU and caches were on before
 * @is: they are on now
 */
TRACE_EVENT(toggle,
	    TP_PROTO(unsigned int vcpu, bool was, bool is),
	    TP_ARGS(vcpu, was, is),

	    TP_STRUCT__entry(__field(unsigned int, vcpu)
			     __field(bool, was)
			     __field(bool, is)
	    ),

	    TP_fast_assign(__entry->vcpu = vcpu;
			   __entry->was = was;
			   __entry->is = is;
	    ),

	    TP_printk("vcpu=%u was=%s is=%s", __entry->vcpu,
		      __entry->was ? "on" : "off", __entry->is ? "on" : "off")
);

/**
 * exit() - the guest came back to the host
 * @vcpu: id
 * @code: &enum el2_exit
 * @esr: ESR_EL2; means something for SYNC and SERROR only
 * @pc: where the guest was
 */
TRACE_EVENT(exit,
	    TP_PROTO(unsigned int vcpu, unsigned int code, u64 esr, u64 pc),
	    TP_ARGS(vcpu, code, esr, pc),

	    TP_STRUCT__entry(__field(unsigned int, vcpu)
			     __field(unsigned int, code)
			     __field(u64, esr)
			     __field(u64, pc)
	    ),

	    TP_fast_assign(__entry->vcpu = vcpu;
			   __entry->code = code;
			   __entry->esr = esr;
			   __entry->pc = pc;
	    ),

	    TP_printk("vcpu=%u code=%s esr=0x%llx pc=0x%llx", __entry->vcpu,
		      __print_symbolic(__entry->code,
				       { EL2_EXIT_SYNC, "sync" },
				       { EL2_EXIT_IRQ, "irq" },
				       { EL2_EXIT_SERROR, "serror" },
				       { EL2_EXIT_ILLEGAL, "illegal" },
				       { EL2_EXIT_RETRY, "retry" },
				       { EL2_EXIT_PANIC, "panic" }),
		      __entry->esr, __entry->pc)
);

/**
 * entry() - the guest is about to run
 * @vcpu: id
 * @pc: where it goes on
 */
TRACE_EVENT(entry,
	    TP_PROTO(unsigned int vcpu, u64 pc),
	    TP_ARGS(vcpu, pc),

	    TP_STRUCT__entry(__field(unsigned int, vcpu)
			     __field(u64, pc)
	    ),

	    TP_fast_assign(__entry->vcpu = vcpu;
			   __entry->pc = pc;
	    ),

	    TP_printk("vcpu=%u pc=0x%llx", __entry->vcpu, __entry->pc)
);

#endif /* SETWAY_STATS_TRACE_H */

/* The include path has module/ in it: Kbuild's ccflags. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH stats
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
