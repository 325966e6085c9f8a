/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbers of breakpoints and watchpoints, as they are part of the registers' names.
 *
 * There is no include guard: each includer defines EL2_DEBUG() anew.
 */
EL2_DEBUG(0)
EL2_DEBUG(1)
EL2_DEBUG(2)
EL2_DEBUG(3)
EL2_DEBUG(4)
EL2_DEBUG(5)
EL2_DEBUG(6)
EL2_DEBUG(7)
EL2_DEBUG(8)
EL2_DEBUG(9)
EL2_DEBUG(10)
EL2_DEBUG(11)
EL2_DEBUG(12)
EL2_DEBUG(13)
EL2_DEBUG(14)
EL2_DEBUG(15)
#undef EL2_DEBUG
