# SPDX-License-Identifier: GPL-2.0-only
#
# Lay two reports of vmm's out as one table.
#
#   usage: awk -F '\t' -f demo.awk FULL EXACT

function bytes(n) {
	if (n == "-" || n < 1024)
		return n " B"
	if (n < 1024 * 1024)
		return sprintf("%.0f KiB", n / 1024)
	return sprintf("%.1f MiB", n / 1024 / 1024)
}

function row(policy, v) {
	printf "   %-6s %10s %8s %8s %9s %8s %8s %10s %8s\n", policy,
		v["setway_ops"], v["batches"], v["mapped_pages"], v["accessed"],
		v["pages_cleaned"], v["pages_skipped"], bytes(v["bytes_cleaned"]), v["exits"]
}

# Read one line of a report into v.
function take(line, v,    field, i) {
	split(line, field, "\t")
	for (i = 2; i <= columns; i++)
		v[column[i]] = field[i]
	v["batches"] = counted ? v["setway_batches"] + v["cache_toggles"] : "-"
}

function add(policy, v) {
	cleaned[policy] += v["pages_cleaned"]
	cleaned_bytes[policy] += v["bytes_cleaned"]
}

FNR == 1 {
	policy = NR == 1 ? "full" : "exact"
	columns = NF
	for (i = 2; i <= NF; i++)
		column[i] = $i
	next
}

{ counted = $2 != "-"; report[policy, FNR - 1] = $0; steps = FNR - 1 }

END {
	print ""
	print "The guest is Debian's U-Boot with 256 MiB of memory, all of it mapped before it starts. A batch is a loop"
	print "of Set/Way operations, or the guest turning its caches on or off: after each, what is in the caches must"
	print "get to memory. The policy \"full\" then cleans every page that is mapped; \"exact\" only the pages that the"
	print "guest accessed since the last batch. Pages are 4 KiB; \"accessed\" counts what the next batch has to clean."
	print ""
	printf "   %-6s %10s %8s %8s %9s %8s %8s %10s %8s\n", "", "Set/Way", "", "pages",
		"pages", "pages", "pages", "bytes", ""
	printf "   %-6s %10s %8s %8s %9s %8s %8s %10s %8s\n", "policy", "operations", "batches",
		"mapped", "accessed", "cleaned", "skipped", "cleaned", "exits"
	for (s = 1; s <= steps; s++) {
		split(report["full", s], name, "\t")
		printf "\n%d. %s\n", s, name[1]
		take(report["full", s], v)
		row("full", v)
		add("full", v)
		take(report["exact", s], v)
		row("exact", v)
		add("exact", v)
	}
	print ""
	if (!counted) {
		print "This hypervisor counts nothing of this: the demo is about setway."
	} else if (cleaned["exact"] == 0) {
		print "Nothing was cleaned under \"exact\": that cannot be right."
		exit 1
	} else {
		printf "In all, \"full\" cleaned %d pages (%s) and \"exact\" %d (%s): %.0f times less for the same guest.\n",
			cleaned["full"], bytes(cleaned_bytes["full"]),
			cleaned["exact"], bytes(cleaned_bytes["exact"]), cleaned["full"] / cleaned["exact"]
	}
}
