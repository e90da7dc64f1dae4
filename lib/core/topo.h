/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_TOPO_H
#define PMEMRAS_TOPO_H

/*
 * What a machine's storage is built of: DIMMs, regions, namespaces, devices, partitions, mapped
 * devices, and what uses each; where it is bad. A graph, as regions have several DIMMs, and arrays and
 * volumes several devices below; drawn as a tree with what was drawn before only named.
 */
#include <stdbool.h>
#include <sys/types.h>
#include "devid.h"
#include "rangeset.h"

enum topo_kind {
	TOPO_DIMM,
	TOPO_REGION,
	TOPO_NAMESPACE,
	TOPO_DAX, /* a character device */
	TOPO_DISK,
	TOPO_PARTITION,
	TOPO_MAPPED, /* device-mapper */
	TOPO_MD,
	TOPO_LOOP,
	TOPO_KIND_N,
};
const char *topo_kind_token(enum topo_kind kind); /* "dimm", …, "loop" */

/* What takes a device's bytes, where no other device does. */
enum topo_use {
	TOPO_USE_NONE,    /* looked: nothing that is known */
	TOPO_USE_UNKNOWN, /* could not be looked at */
	TOPO_USE_LAYERS,  /* the devices above it */
	TOPO_USE_MOUNTED, /* @holds is the filesystem's type */
	TOPO_USE_SWAP,
	TOPO_USE_SIGNATURE, /* not mounted, in use or not; @holds is what its superblock says: "xfs", "LVM2_member" */
	TOPO_USE_CLAIMED, /* the kernel or a program holds it exclusively */
	TOPO_USE_OPEN,    /* a program has it open */
	TOPO_USE_DAX,     /* a program's own (driver device_dax) */
	TOPO_USE_RAM,     /* system memory (driver kmem) */
	TOPO_USE_N,
};
const char *topo_use_token(enum topo_use use);

struct topo_node {
	enum topo_kind kind;
	char name[64]; /* the kernel's, unique: "nmem0", "region0", "dm-0" */
	char type[32]; /* namespace: mode; mapped: maker ("lvm"); md: level; "" */
	char *label;   /* "vg/lv", the loop's file; raw bytes; NULL none */
	dev_t devno;   /* of devices */
	uint64_t size; /* bytes, 0 unknown */
	struct devid id;
	enum topo_use use;
	char holds[32]; /* see enum topo_use; "" */
	char *where; /* MOUNTED: mount points, "/a, /b"; OPEN: programs, "qemu (pid 7)"; raw bytes */
	struct rangeset bad;   /* what its own list says; bytes of it */
	bool bad_cut;          /* there may be more */
	struct rangeset known; /* what open incidents say is bad; bytes of it */
	int64_t *incidents;    /* open ones on it */
	size_t n_incidents;
};

struct topo_edge {
	size_t below, above; /* nodes */
};

struct topo {
	struct topo_node *nodes;
	size_t n_nodes;
	struct topo_edge *edges;
	size_t n_edges;
	uint32_t reasons; /* 1u << REASON_*: what is not told */
};

#define TOPO_NULL ((struct topo){NULL, 0, NULL, 0, 0})
void topo_deinit(struct topo *topo);

#define TOPO_NONE SIZE_MAX

/* @ret: index of the new node, which nobody moves any more. -ENOMEM; -EEXIST: the name is there. */
int topo_add(struct topo *topo, enum topo_kind kind, const char *name, size_t *ret);
/* Once, whatever is asked; -ENOMEM. Not where it would close a circle (-ELOOP). */
int topo_link(struct topo *topo, size_t below, size_t above);
size_t topo_find(const struct topo *topo, const char *name);
size_t topo_find_devno(const struct topo *topo, dev_t devno);
/* Anything above (below) it. */
bool topo_has_above(const struct topo *topo, size_t node);
bool topo_has_below(const struct topo *topo, size_t node);
/* Adds to @where, with ", " between. -ENOMEM. */
int topo_add_where(struct topo_node *node, const char *text);
int topo_add_incident(struct topo_node *node, int64_t id);

/* Leaves what is below or above @node, and below that again where several stand on it together. -ENOMEM. */
int topo_restrict(struct topo *topo, size_t node);

/**
 * topo_walk() - from those that have nothing below, each with what is above it
 * @fn: @parent: index, TOPO_NONE for a root; @again: was told before, what is above is not told again
 *      0 continues, nonzero stops and comes back
 *
 * In the order of adding. -ENOMEM.
 */
int topo_walk(const struct topo *topo,
	      int (*fn)(size_t node, size_t parent, bool again, void *data), void *data);

/* What to do about bad blocks there, where pmemras cannot say what they hold; NULL: it can. */
const char *topo_advice(const struct topo_node *node);

#endif
