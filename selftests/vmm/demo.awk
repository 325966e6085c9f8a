# SPDX-License-Identifier: GPL-2.0-only
#
# Lay two reports of vmm's out as one table.
#
#   usage: awk -F '\t' -f demo.awk FULL EXACT

function bytes(n) {
	if (n == "-")
		return n
	if (n < 1024)
		return n " B"
	if (n < 1024 * 1024)
		return sprintf("%.0f KiB", n / 1024)
	return sprintf("%.1f MiB", n / 1024 / 1024)
}

function heading() {
	line = "   %-6s %10s %8s %8s %9s %8s %8s %10s %8s\n"
	printf line, "", "Set/Way", "", "pages", "pages", "pages", "pages", "bytes", ""
	printf line, "policy", "operations", "batches", "mapped", "accessed", "cleaned",
		"skipped", "cleaned", "exits"
}

# Show one line of a report, and add it to the policy's sums.
function row(policy, text,    field, v, i) {
	split(text, field, "\t")
	for (i = 2; i <= columns; i++)
		v[column[i]] = field[i]
	printf line, policy, v["setway_ops"],
		counted ? v["setway_batches"] + v["cache_toggles"] : "-",
		v["mapped_pages"], v["accessed"], v["pages_cleaned"],
		v["pages_skipped"], bytes(v["bytes_cleaned"]), v["exits"]
	cleaned[policy] += v["pages_cleaned"]
	cleaned_bytes[policy] += v["bytes_cleaned"]
	trips[policy] += v["exits"]
}

FNR == 1 {
	policy = NR == 1 ? "full" : "exact"
	columns = NF
	for (i = 2; i <= NF; i++)
		column[i] = $i
	next
}

{
	counted = $2 != "-"
	steps = FNR - 1
	report[policy, steps] = $0
	name[steps] = $1
}

END {
	print ""
	print "The guest is Debian's U-Boot with 256 MiB of memory, all mapped before it starts. A batch is a loop"
	print "of Set/Way operations, or the guest's turning its caches on: each time, what is in the caches has to"
	print "get to memory. The policy \"full\" then cleans every page that is mapped, \"exact\" only those that the"
	print "guest accessed since the last batch. (A loop takes one operation: the guest is shown caches of one set"
	print "and one way.) Pages are of 4 KiB; \"accessed\" is, at the end of a step, what a batch would clean next."
	print ""
	heading()
	for (step = 1; step <= steps; step++) {
		printf "\n%d. %s\n", step, name[step]
		row("full", report["full", step])
		row("exact", report["exact", step])
	}
	print ""
	if (!counted) {
		print "This hypervisor counts nothing of this: the demo is about setway."
		exit
	}
	if (cleaned["exact"] == 0) {
		print "Nothing was cleaned under \"exact\": that cannot be right."
		exit 1
	}
	printf "In all, \"full\" cleaned %d pages (%s) and \"exact\" %d (%s): %.0f times less for the same guest,\n",
		cleaned["full"], bytes(cleaned_bytes["full"]), cleaned["exact"],
		bytes(cleaned_bytes["exact"]), cleaned["full"] / cleaned["exact"]
	printf "at the price of %d exits instead of %d: the first access to a page after a batch can be one.\n",
		trips["exact"], trips["full"]
}
