// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which Set/Way operations begin a loop, and so are a batch: in the sequences that
 * the state machine promises something about, and in random ones, where each flush
 * must have a batch of its own.  And what it costs to know.
 */
#include <kselftest_harness.h>
#include <stdlib.h>

#include "../../module/trap/loops.h"
#include "hooks.h"

#define KINDS		3
#define LINES_MAX	64
#define FLUSHES		20000

/* Memory that the code under test holds, has held at most, and has had cleared. */
static size_t held, held_most, cleared;
static unsigned int alloc_fails_in;

void *model_kvcalloc(size_t n, size_t size)
{
	size_t *memory;

	if (alloc_fails_in && !--alloc_fails_in)
		return NULL;
	memory = calloc(1, sizeof(*memory) * 2 + n * size);
	if (!memory)
		abort();
	*memory = n * size;
	held += n * size;
	held_most = held > held_most ? held : held_most;
	cleared += n * size;
	return memory + 2;
}

void model_kvfree(void *memory)
{
	if (!memory)
		return;
	held -= *((size_t *)memory - 2);
	free((size_t *)memory - 2);
}

void *model_memset(void *memory, int byte, size_t size);
void *model_memset(void *memory, int byte, size_t size)
{
	cleared += size;
	return memset(memory, byte, size);
}

FIXTURE(loops) {
	struct loops loops;
};

FIXTURE_SETUP(loops)
{
	self->loops = (struct loops){ };
	held = 0;
	held_most = 0;
	cleared = 0;
	alloc_fails_in = 0;
}

FIXTURE_TEARDOWN(loops)
{
	loops_free(&self->loops);
	EXPECT_EQ(0, held);
}

/*
 * A kind and a line, and a star if that is to be a batch; a bar is something that
 * ends all loops.
 */
static const char * const sequences[] = {
	/* loops of one kind */
	"C1* C2 C3 C4 C1* C2 C3 C4",
	"C1* C2 C3 C3* C4 C1 C2 C3*",
	"C1* C1* C1* C2 C2*",
	"C0* C0* I0* C0* I0* I0*",
	/* one after the other */
	"C1* C2 C3 I1* I2 I3 C1* C2 C3 I1*",
	"C1* C2 C3 I3* I2 I1 C3* C2 C1",
	/* hand in hand */
	"C1* I1* C2 I2 C3 I3 C1* I1* C2 I2",
	"C1* I1* X1* C2 I2 X2 C3 I3 X3 C1* I1* X1*",
	"C1* I1* I2 C2 C3 I3",
	"C1* C2 I2* C3 I3 C4 I4",
	/* that one of them repeats is the end of the others' */
	"C1* I1* C2 I2 I2* C2* I3 C3",
	"C1* I1* C2 I2 C2* I2* C3 I3",
	/* left behind, and over */
	"C1* I1* C2 C3 C4 I4* C5 I5",
	"C1* C2 I1* I2 C3* C4 I3* I4",
	"C1* C2 I3* C3* C4 I4",
	"C1* C2 C3 I1* C4* C5 I4*",
	/* a clean, an invalidate, and a clean of the rest */
	"C1* C2 I1* I2 C3* C4",
	"C1* I1* I2 C3* C4",
	/* something else in between */
	"C1* C2 | C3* C4 | C4* C5",
	"C1* I1* | C2* I2* C3 I3",
	"C1* | I1* C2* I2* C3 I3",
};

TEST_F(loops, sequences)
{
	unsigned int i;
	const char *at;

	for (i = 0; i < sizeof(sequences) / sizeof(*sequences); i++) {
		loops_end(&self->loops);
		for (at = sequences[i]; *at; at++) {
			unsigned int kind = *at == 'C' ? 1 : *at == 'I' ? 2 : 3;

			if (*at == '|')
				loops_end(&self->loops);
			if (*at < 'A' || *at > 'Z')
				continue;
			EXPECT_EQ(at[2] != '*', loops_go_on(&self->loops, kind, at[1] - '0'))
				TH_LOG("%s: at %s", sequences[i], at);
		}
	}
}

/**
 * struct flush - each line once, by one kind or by several in turn
 * @lines: how many
 * @line: in which order
 * @kinds: how many
 * @kind: which, in which order
 */
struct flush {
	unsigned int lines;
	unsigned int line[LINES_MAX];
	unsigned int kinds;
	unsigned int kind[KINDS];
};

static void shuffle(unsigned int *numbers, unsigned int n)
{
	unsigned int i, other, number;

	for (i = 0; i < n; i++)
		numbers[i] = i;
	for (i = n - 1; i > 0; i--) {
		other = random() % (i + 1);
		number = numbers[i];
		numbers[i] = numbers[other];
		numbers[other] = number;
	}
}

static struct flush flush_random(unsigned int lines)
{
	struct flush flush = { .lines = lines, .kinds = 1 + random() % KINDS };

	shuffle(flush.line, lines);
	shuffle(flush.kind, KINDS);
	return flush;
}

/* Do some of a flush; add up the batches. */
static void flush_part(struct loops *loops, const struct flush *flush, unsigned int lines,
		       unsigned int batches[KINDS])
{
	unsigned int i, k;

	for (i = 0; i < lines; i++)
		for (k = 0; k < flush->kinds; k++)
			if (!loops_go_on(loops, 1 + flush->kind[k], flush->line[i]))
				batches[flush->kind[k]]++;
}

/*
 * Flushes by any kinds, in any order of the lines, one after the other, some of them
 * given up half way: each kind of a whole one has a batch, and seldom more.
 */
TEST_F(loops, each_flush_has_its_batch)
{
	unsigned int i, k, lines = 1;
	unsigned int wanted = 0, all = 0;

	srandom(1);
	for (i = 0; i < FLUSHES; i++) {
		unsigned int batches[KINDS] = { };
		struct flush flush;

		if (i % 100 == 0) {
			loops_end(&self->loops);
			lines = 1 + random() % LINES_MAX;
		}
		flush = flush_random(lines);
		if (random() % 4 == 0) {
			flush_part(&self->loops, &flush, random() % lines, batches);
			continue;
		}
		flush_part(&self->loops, &flush, lines, batches);
		for (k = 0; k < flush.kinds; k++) {
			ASSERT_LE(1, batches[flush.kind[k]])
				TH_LOG("flush %u, kind %u of %u", i, k, flush.kinds);
			all += batches[flush.kind[k]];
			wanted++;
		}
	}
	EXPECT_GE(wanted + wanted / 8, all);
}

static unsigned int loop_of(struct loops *loops, unsigned int kind, u32 lines)
{
	unsigned int begun = 0;
	u32 i;

	for (i = 0; i < lines; i++)
		begun += !loops_go_on(loops, kind, i);
	return begun;
}

/* A guest that believes the geometry it is shown costs no memory. */
TEST_F(loops, one_operand_needs_no_memory)
{
	EXPECT_EQ(1, loop_of(&self->loops, 1, 1));
	EXPECT_EQ(1, loop_of(&self->loops, 2, 1));
	EXPECT_EQ(0, held_most);
}

/* The operands of a loop are kept, up to a limit; then a new loop begins. */
TEST_F(loops, memory_is_bounded)
{
	EXPECT_EQ(1, loop_of(&self->loops, 1, LOOPS_MAX_OPERANDS));
	EXPECT_EQ(LOOPS_MAX_OPERANDS * 16, held);
	EXPECT_EQ(2, loop_of(&self->loops, 1, 2 * LOOPS_MAX_OPERANDS));
	EXPECT_GE(LOOPS_MAX_OPERANDS * 24, held_most);
}

/* Loops that are over do not take the room of those under way. */
TEST_F(loops, what_is_over_takes_no_room)
{
	unsigned int kind;

	for (kind = 1; kind < LOOPS_KINDS; kind++) {
		EXPECT_EQ(1, loop_of(&self->loops, kind, LOOPS_MAX_OPERANDS / 2 + 1));
		EXPECT_GE(LOOPS_MAX_OPERANDS * 16, held);
	}
}

/* Nor do kinds that take turns get more of it together. */
TEST_F(loops, kinds_in_turn_share_the_room)
{
	unsigned int begun = 0;
	u32 i;

	for (i = 0; i < LOOPS_MAX_OPERANDS; i++) {
		begun += !loops_go_on(&self->loops, 1, i);
		begun += !loops_go_on(&self->loops, 2, i);
	}
	EXPECT_LE(2, begun);
	EXPECT_GE(6, begun);
	EXPECT_GE(LOOPS_MAX_OPERANDS * 24, held_most);
}

/* Having had a large loop does not make small ones expensive. */
TEST_F(loops, a_large_loop_is_paid_for_once)
{
	unsigned int i;

	loop_of(&self->loops, 1, LOOPS_MAX_OPERANDS);
	cleared = 0;
	for (i = 0; i < 10000; i++)
		EXPECT_EQ(1, loop_of(&self->loops, 1, 2));
	/* each names one operand that takes a slot of 8 bytes */
	EXPECT_GE(10000 * 8 * 4, cleared);
	EXPECT_GE(LOOPS_MAX_OPERANDS, held);
}

/* Without memory a batch too many is all that happens. */
TEST_F(loops, no_memory_is_a_batch)
{
	alloc_fails_in = 1;
	EXPECT_FALSE(loops_go_on(&self->loops, 1, 1));
	EXPECT_FALSE(loops_go_on(&self->loops, 1, 2));
	EXPECT_TRUE(loops_go_on(&self->loops, 1, 3));
	EXPECT_FALSE(loops_go_on(&self->loops, 1, 2));
	EXPECT_FALSE(loops_go_on(&self->loops, 1, 2));
}

TEST_HARNESS_MAIN
