# SPDX-License-Identifier: GPL-2.0-only
"""What made a guest exit, in words.

A cause is a syndrome without what differs from one instruction to the next of its
kind (meter/world.c).  Where the registers are the same, 32-bit and 64-bit guests have
the same words.
"""
IRQ = 0xffffffff

ORDER = [
    "CTR read", "cache geometry", "other ID register", "Set/Way operation", "caches on or off",
    "register trapped with caches off", "other system register", "fault, pages cleaned",
    "fault, nothing cleaned", "MMIO in the hypervisor", "MMIO to userspace", "SGI", "interrupt",
    "WFI or WFE", "hypercall", "FP", "debug register", "other"]

EC_WFX, EC_CP15, EC_CP15_64, EC_CP14, EC_FP, EC_VMRS, EC_CP14_64 = 1, 3, 4, 5, 7, 8, 12
EC_SYS64, EC_FETCH, EC_DATA = 0x18, 0x20, 0x24
EC_CALLS = (0x12, 0x13, 0x16, 0x17)

# ARM DDI 0487J.a, C5.3 and D19.2: op0, op1, CRn, CRm, op2, of AArch64.  AArch32's are
# the same but for op0, which it does not have.
SET_WAY = {(7, 6, 2), (7, 10, 2), (7, 14, 2)}
GEOMETRY = {(1, 0, 0, 0), (1, 0, 0, 1), (2, 0, 0, 0)}   # op1, ...: CCSIDR, CLIDR, CSSELR
VM_CRN = {2, 3, 5, 6, 10, 13}
DEBUG_OP0 = 2


def bits(value, high, low):
    return value >> low & (1 << high - low + 1) - 1


def register_words(op1, crn, crm, op2):
    """Name a register that both states have, or return None."""
    if (crn, crm) == (0, 0) and op2 == 1 and op1 in (0, 3):
        return "CTR read"
    if (op1, crn, crm, op2) in GEOMETRY:
        return "cache geometry"
    if crn == 0:
        return "other ID register"
    if op1 == 0 and (crn, crm, op2) in SET_WAY:
        return "Set/Way operation"
    if (op1, crn, crm, op2) == (0, 1, 0, 0):
        return "caches on or off"
    if op1 == 0 and crn == 12 and crm == 11 and op2 in (5, 6, 7):
        return "SGI"
    if op1 == 0 and crn in VM_CRN:
        return "register trapped with caches off"
    return None


def register_cause(iss, has_op0):
    op0 = bits(iss, 21, 20) if has_op0 else 3
    if op0 == DEBUG_OP0:
        return "debug register"
    words = register_words(bits(iss, 16, 14), bits(iss, 13, 10), bits(iss, 4, 1), bits(iss, 19, 17))
    return words or "other system register"


def pair_cause(iss):
    """Of a 64-bit register of AArch32."""
    crm = bits(iss, 4, 1)
    return {12: "SGI", 2: "register trapped with caches off"}.get(crm, "other system register")


def fault_cause(cleaned, advanced, user):
    if advanced:
        return "MMIO to userspace" if user else "MMIO in the hypervisor"
    return "fault, pages cleaned" if cleaned else "fault, nothing cleaned"


def words(cause, cleaned, advanced, user):
    """Say what an exit was, by its cause and by what came of it."""
    if cause == IRQ:
        return "interrupt"
    ec, iss = cause >> 26, cause & 0x1ffffff
    if ec in (EC_FETCH, EC_DATA):
        return fault_cause(cleaned, advanced, user)
    if ec == EC_SYS64 or ec == EC_CP15:
        return register_cause(iss, ec == EC_SYS64)
    if ec == EC_CP15_64:
        return pair_cause(iss)
    if ec in EC_CALLS:
        return "hypercall"
    return {EC_WFX: "WFI or WFE", EC_FP: "FP", EC_VMRS: "FP", EC_CP14: "debug register",
            EC_CP14_64: "debug register"}.get(ec, "other")
