// SPDX-License-Identifier: GPL-2.0-only
#include "timer.h"

enum timer timer;
