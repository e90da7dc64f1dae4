/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_ND_MACHINE_H
#define PMEMRAS_ND_MACHINE_H

/*
 * A made-up machine with every kind of namespace, for tests that look at persistent memory:
 *
 * region0, 1 GiB at 4 GiB, one DIMM: namespace0.0 fsdax (data from 18 MiB on, pmem0),
 * namespace0.1 devdax at 256 MiB (data from 2 MiB on, dax0.0), namespace0.2 raw at 512 MiB (pmem0.2),
 * namespace0.3 sector at 640 MiB (pmem0.3s), namespace0.4 disabled at 768 MiB, a seed, the rest free.
 * region1, two DIMMs: all free, no badblocks file. region2: address not readable. ndbus0 has completed one
 * scrub; only region0 is on it.
 */
#include "tree.h"

#define ND "sys/bus/nd/devices/"

#define ND_UUID0 "aaaaaaaa-0000-4000-8000-000000000000"
#define ND_UUID1 "aaaaaaaa-0000-4000-8000-000000000001"
#define ND_UUID2 "aaaaaaaa-0000-4000-8000-000000000002"
#define ND_UUID3 "aaaaaaaa-0000-4000-8000-000000000003"

/* sectors of region0: in namespace0.0's metadata, its data, dax0.0's metadata and data, the sector-mode
 * namespace, the disabled one, free space */
#define ND_LIST                                                                                    \
	"8 1\n36872 8\n524288 1\n528392 2\n1310721 1\n1572865 1\n"                                 \
	"2097151 1\n"

static const struct tree_entry nd_machine[] = {
	TREE_DIR("sys/block"),
	TREE_DIR(ND "ndbus0/region0"),
	TREE_FILE(ND "ndbus0/nfit/scrub", "1\n"),
	TREE_FILE(ND "region0/resource", "0x100000000\n"),
	TREE_FILE(ND "region0/size", "1073741824\n"),
	TREE_FILE(ND "region0/set_cookie", "0x5eed\n"),
	TREE_FILE(ND "region0/mappings", "1\n"),
	TREE_FILE(ND "region0/mapping0", "nmem3,0,1073741824,0\n"),
	TREE_FILE(ND "region0/badblocks", ND_LIST),
	TREE_FILE(ND "region1/resource", "0x200000000\n"),
	TREE_FILE(ND "region1/size", "1073741824\n"),
	TREE_FILE(ND "region1/mappings", "2\n"),
	TREE_FILE(ND "region1/mapping0", "nmem0,0,536870912,0\n"),
	TREE_FILE(ND "region1/mapping1", "nmem1,0,536870912,1\n"),
	TREE_FILE(ND "region2/size", "1073741824\n"),

	TREE_FILE(ND "namespace0.0/resource", "0x100000000\n"),
	TREE_FILE(ND "namespace0.0/size", "268435456\n"),
	TREE_FILE(ND "namespace0.0/uuid", "AAAAAAAA-0000-4000-8000-000000000000\n"),
	TREE_FILE(ND "namespace0.0/holder", "pfn0.0\n"),
	TREE_FILE(ND "pfn0.0/resource", "0x101200000\n"),
	TREE_FILE(ND "pfn0.0/size", "249561088\n"),
	TREE_DIR(ND "pfn0.0/block/pmem0"),

	TREE_FILE(ND "namespace0.1/resource", "0x110000000\n"),
	TREE_FILE(ND "namespace0.1/size", "268435456\n"),
	TREE_FILE(ND "namespace0.1/uuid", "\n"),
	TREE_FILE(ND "namespace0.1/holder", "dax0.1\n"),
	TREE_FILE(ND "dax0.1/uuid", ND_UUID1 "\n"),
	TREE_FILE(ND "dax0.1/resource", "0x110200000\n"),
	TREE_FILE(ND "dax0.1/size", "266338304\n"),
	TREE_DIR(ND "dax0.1/dax_region"),
	TREE_DIR(ND "dax0.1/dax0.0"),

	TREE_FILE(ND "namespace0.2/resource", "0x120000000\n"),
	TREE_FILE(ND "namespace0.2/size", "134217728\n"),
	TREE_FILE(ND "namespace0.2/uuid", ND_UUID2 "\n"),
	TREE_FILE(ND "namespace0.2/holder", "\n"),
	TREE_DIR(ND "namespace0.2/block/pmem0.2"),

	TREE_FILE(ND "namespace0.3/resource", "0x128000000\n"),
	TREE_FILE(ND "namespace0.3/size", "134217728\n"),
	TREE_FILE(ND "namespace0.3/uuid", ND_UUID3 "\n"),
	TREE_FILE(ND "namespace0.3/holder", "btt0.1\n"),
	TREE_DIR(ND "btt0.1/block/pmem0.3s"),

	TREE_FILE(ND "namespace0.4/resource", "0x130000000\n"),
	TREE_FILE(ND "namespace0.4/size", "134217728\n"),
	TREE_FILE(ND "namespace0.5/size", "0\n"),
	TREE_FILE(ND "namespace2.0/size", "1048576\n"),
};

#endif
