# SPDX-License-Identifier: GPL-2.0-only
#
# Count the results in TAP: a program's, or several programs' one after the other
# (then each must begin with its plan).
#
#   usage: awk -v status=EXIT_STATUS -f tap.awk FILE
#
# Prints a "not ok" line for each failure that is not in the TAP itself, and then
# "PASSED FAILED SKIPPED".

function complain(what) {
	print "not ok - " what
	failed++
}

function compare() {
	if (planned != results)
		complain("planned " planned + 0 " results, but there are " results + 0)
	planned = results = 0
}

{ sub(/\r$/, "") }

/^1\.\.[0-9]+/ {
	if (plans)
		compare()
	plans++
	planned += substr($1, 4)
	if ($1 == "1..0" && toupper($0) ~ /SKIP/)
		skipped++
	next
}

/^ok / {
	results++
	if (toupper($0) ~ /# *SKIP/)
		skipped++
	else
		passed++
	next
}

/^not ok/ { results++; failed++ }
/^Bail out!/ { complain("the program bailed out") }

END {
	if (!plans)
		complain("there is no plan")
	else
		compare()
	if (status == 124 || status == 137 || status == 143)
		complain("killed: not done in time")
	else if (status > 128)
		complain("crashed by signal " status - 128)
	else if (status == 4 && !failed && !passed)
		; # nothing but skips
	else if (status != 0 && !failed)
		complain("exit status " status)
	print passed + 0, failed + 0, skipped + 0
}
