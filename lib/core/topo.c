/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Machines have some ten to some thousand devices, each with a few below and above it, so edges
 * are one list that is searched. Links that would close a circle are refused, so that whoever walks
 * needs no guard: a loop device whose file lies on what stands on the loop device can be made, and sysfs
 * read while things change can show one that never was.
 */
#include "topo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "cleanup.h"

const char *topo_kind_token(enum topo_kind kind)
{
	static const char *const tokens[TOPO_KIND_N] = {
		"dimm", "region", "namespace", "dax", "disk", "partition", "mapped", "md", "loop",
	};

	return (unsigned int)kind < TOPO_KIND_N ? tokens[kind] : "unknown";
}

const char *topo_use_token(enum topo_use use)
{
	static const char *const tokens[TOPO_USE_N] = {
		"nothing",   "unknown", "layers", "mounted", "swap",
		"signature", "claimed", "open",   "devdax",  "system-ram",
	};

	return (unsigned int)use < TOPO_USE_N ? tokens[use] : "unknown";
}

static void node_deinit(struct topo_node *node)
{
	free(node->label);
	free(node->where);
	free(node->incidents);
	rangeset_deinit(&node->bad);
	rangeset_deinit(&node->known);
}

void topo_deinit(struct topo *topo)
{
	for (size_t i = 0; i < topo->n_nodes; i++)
		node_deinit(&topo->nodes[i]);
	free(topo->nodes);
	free(topo->edges);
	*topo = TOPO_NULL;
}

size_t topo_find(const struct topo *topo, const char *name)
{
	for (size_t i = 0; i < topo->n_nodes; i++)
		if (!strcmp(topo->nodes[i].name, name))
			return i;
	return TOPO_NONE;
}

size_t topo_find_devno(const struct topo *topo, dev_t devno)
{
	for (size_t i = 0; devno && i < topo->n_nodes; i++)
		if (topo->nodes[i].devno == devno && topo->nodes[i].kind != TOPO_DAX)
			return i;
	return TOPO_NONE;
}

int topo_add(struct topo *topo, enum topo_kind kind, const char *name, size_t *ret)
{
	struct topo_node node = {.kind = kind}, *more;

	if (topo_find(topo, name) != TOPO_NONE)
		return -EEXIST;
	more = reallocarray(topo->nodes, topo->n_nodes + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	topo->nodes = more;
	snprintf(node.name, sizeof(node.name), "%s", name);
	more[topo->n_nodes] = node;
	*ret = topo->n_nodes++;
	return 0;
}

/* ---- what stands on what ---- */

bool topo_has_above(const struct topo *topo, size_t node)
{
	for (size_t i = 0; i < topo->n_edges; i++)
		if (topo->edges[i].below == node)
			return true;
	return false;
}

bool topo_has_below(const struct topo *topo, size_t node)
{
	for (size_t i = 0; i < topo->n_edges; i++)
		if (topo->edges[i].above == node)
			return true;
	return false;
}

/* Marks what is above (below) the marked ones, until there is no more. */
static void spread(const struct topo *topo, bool *marks, bool up)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < topo->n_edges; i++) {
			size_t from = up ? topo->edges[i].below : topo->edges[i].above;
			size_t to = up ? topo->edges[i].above : topo->edges[i].below;

			if (!marks[from] || marks[to])
				continue;
			marks[to] = more = true;
		}
	}
}

int topo_link(struct topo *topo, size_t below, size_t above)
{
	CLEANUP(freep) bool *marks = NULL;
	struct topo_edge *more;

	for (size_t i = 0; i < topo->n_edges; i++)
		if (topo->edges[i].below == below && topo->edges[i].above == above)
			return 0;
	marks = calloc(topo->n_nodes, sizeof(*marks));
	more = reallocarray(topo->edges, topo->n_edges + 1, sizeof(*more));
	if (more)
		topo->edges = more;
	if (!marks || !more)
		return -ENOMEM;
	marks[above] = true;
	spread(topo, marks, true);
	if (marks[below])
		return -ELOOP;
	more[topo->n_edges++] = (struct topo_edge){below, above};
	return 0;
}

/* @at[i]: where node i goes, TOPO_NONE: away */
static void renumber(struct topo *topo, const size_t *at)
{
	size_t n = 0;

	for (size_t i = 0; i < topo->n_edges; i++) {
		struct topo_edge edge = {at[topo->edges[i].below], at[topo->edges[i].above]};

		if (edge.below != TOPO_NONE && edge.above != TOPO_NONE)
			topo->edges[n++] = edge;
	}
	topo->n_edges = n;
	n = 0;
	for (size_t i = 0; i < topo->n_nodes; i++) {
		if (at[i] == TOPO_NONE)
			node_deinit(&topo->nodes[i]);
		else
			topo->nodes[n++] = topo->nodes[i];
	}
	topo->n_nodes = n;
}

int topo_restrict(struct topo *topo, size_t node)
{
	CLEANUP(freep) bool *below = calloc(topo->n_nodes, sizeof(*below));
	CLEANUP(freep) bool *above = calloc(topo->n_nodes, sizeof(*above));
	CLEANUP(freep) size_t *at = calloc(topo->n_nodes, sizeof(*at));
	size_t n = 0;

	if (!below || !above || !at)
		return -ENOMEM;
	above[node] = true;
	spread(topo, above, true);
	memcpy(below, above, topo->n_nodes * sizeof(*below));
	spread(topo, below, false);
	for (size_t i = 0; i < topo->n_nodes; i++)
		at[i] = above[i] || below[i] ? n++ : TOPO_NONE;
	renumber(topo, at);
	return 0;
}

/* ---- walking ---- */

struct walk {
	const struct topo *topo;
	bool *told;
	int (*fn)(size_t node, size_t parent, bool again, void *data);
	void *data;
};

/* As deep as devices are stacked; circles there are none. */
static int walk(struct walk *w, size_t node, size_t parent)
{
	bool again = w->told[node];
	int r = w->fn(node, parent, again, w->data);

	w->told[node] = true;
	for (size_t i = 0; !r && !again && i < w->topo->n_edges; i++)
		if (w->topo->edges[i].below == node)
			r = walk(w, w->topo->edges[i].above, node);
	return r;
}

int topo_walk(const struct topo *topo,
	      int (*fn)(size_t node, size_t parent, bool again, void *data), void *data)
{
	CLEANUP(freep) bool *told = calloc(topo->n_nodes + 1, sizeof(*told));
	struct walk w = {topo, told, fn, data};
	int r = 0;

	if (!told)
		return -ENOMEM;
	for (size_t i = 0; !r && i < topo->n_nodes; i++)
		if (!topo_has_below(topo, i))
			r = walk(&w, i, TOPO_NONE);
	return r;
}

/* ---- one node ---- */

int topo_add_where(struct topo_node *node, const char *text)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", node->where ? node->where : "", node->where ? ", " : "",
		     text) < 0)
		return -ENOMEM;
	free(node->where);
	node->where = joined;
	return 0;
}

int topo_add_incident(struct topo_node *node, int64_t id)
{
	int64_t *more = reallocarray(node->incidents, node->n_incidents + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	node->incidents = more;
	more[node->n_incidents++] = id;
	return 0;
}

static const char *advice_of(const char *type)
{
	const char *advice = advice_for(type);

	return advice ? advice : "pmemras cannot read it: use its own tools";
}

const char *topo_advice(const struct topo_node *node)
{
	switch (node->use) {
	case TOPO_USE_MOUNTED:
		return strcmp(node->holds, "xfs") != 0 ? advice_of(node->holds) : NULL;
	case TOPO_USE_SIGNATURE:
		if (!strncmp(node->holds, "xfs", 3))
			return "mount it (-o ro,norecovery changes nothing), then ask again";
		return advice_of(node->holds);
	case TOPO_USE_SWAP: return advice_for(ADVICE_SWAP_IN_USE);
	case TOPO_USE_CLAIMED:
		return "something holds it, perhaps a mount of another namespace: fuser -v, lsns "
		       "-t "
		       "mnt";
	case TOPO_USE_OPEN: return "what is where only the program knows that has it open";
	case TOPO_USE_DAX: return advice_for(ADVICE_DEVDAX);
	case TOPO_USE_RAM: return advice_for(ADVICE_KMEM);
	case TOPO_USE_UNKNOWN: return "what is on it could not be looked at: ask as root";
	case TOPO_USE_NONE:
	case TOPO_USE_LAYERS:
	case TOPO_USE_N: break;
	}
	return NULL;
}
