/* SPDX-License-Identifier: GPL-2.0-or-later */
/* topology: what the storage is built of, down to the DIMM and up to the mount point, and where it is bad. */
#include <errno.h>
#include <string.h>
#include "cases.h"
#include "cleanup.h"
#include "command.h"
#include "fresh.h"
#include "jsonio.h"
#include "out_findings.h"
#include "out_json.h"
#include "out_map.h"
#include "out_topo.h"
#include "section.h"
#include "target.h"
#include "topology.h"
#include "verdict.h"

enum { OPTION_MAP };

static const struct args_option options[] = {
	[OPTION_MAP] = {"map", 0, NULL, "draw DEVICE: what owns what, and where it is bad"},
	{0},
};

/* The device that an incident is on, by who it is rather than what it was called. */
static int mark_incident(struct topo *topo, const struct devid *ids, const struct ctl_case *c)
{
	CLEANUP(rangeset_deinit) struct rangeset known = RANGESET_NULL;
	ptrdiff_t at = devid_find(&c->device, ids, topo->n_nodes);
	int r;

	if (at < 0)
		return 0;
	r = topo_add_incident(&topo->nodes[at], c->incident.id);
	if (!r)
		r = incident_bad(&c->incident, &known);
	return r ? r : rangeset_add_set(&topo->nodes[at].known, &known);
}

static int mark_incidents(struct store *store, struct topo *topo)
{
	CLEANUP(cases_deinit) struct cases cases = CASES_NULL;
	CLEANUP(freep) struct devid *ids = calloc(topo->n_nodes + 1, sizeof(*ids));
	int r;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < topo->n_nodes; i++)
		ids[i] = topo->nodes[i].id;
	r = cases_load(store, 1u << INCIDENT_OPEN, &cases);
	for (size_t i = 0; !r && i < cases.n; i++)
		r = mark_incident(topo, ids, &cases.items[i]);
	return r;
}

static int restrict_to(const struct ctl *ctl, const char *arg, struct topo *topo)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	size_t at = topo_find(topo, arg);
	int r = 0;

	if (at == TOPO_NONE) {
		r = target_device(ctl, arg, &dev);
		if (r)
			return r;
		at = topo_find(topo, dev.name);
	}
	if (at == TOPO_NONE)
		return ctl_usage(ctl, "%s: has no size (no medium?)", arg);
	r = topo_restrict(topo, at);
	return r ? ctl_failed(ctl, arg, r) : 0;
}

/* What its own list says, and open incidents. */
static int draw_map(const struct ctl *ctl, const char *arg, const struct topo *topo)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	size_t at;
	int r;

	r = target_device(ctl, arg, &dev);
	if (r)
		return r;
	at = topo_find(topo, dev.name);
	if (at != TOPO_NONE) {
		r = rangeset_copy(&bad, &topo->nodes[at].bad);
		if (!r)
			r = rangeset_add_set(&bad, &topo->nodes[at].known);
	}
	return r ? ctl_failed(ctl, arg, r) : out_map(ctl, &dev, topo, &bad);
}

static int print_record(const struct ctl *ctl, const struct fresh *fresh, const struct topo *topo)
{
	CLEANUP(jsonio_freep) struct json_object *record = out_json_record("topology");
	int r;

	if (!record)
		return -ENOMEM;
	r = fresh_put(fresh, ctl, record);
	if (!r)
		r = out_topo_put(topo, record);
	return r ? r : out_json(ctl, record);
}

static int print(const struct ctl *ctl, const struct topo *topo)
{
	struct section s = {.out = ctl->out, .any = true};
	int r;

	if (!topo->n_nodes) {
		fputs("No block device, and no persistent memory.\n", ctl->out);
		return 0;
	}
	r = out_topo(ctl, topo);
	if (!r && topo->reasons) {
		section_begin(&s, "Unknown", true);
		out_findings_reasons(&s, topo->reasons, NULL);
	}
	return r;
}

static int run(struct ctl *ctl, const struct args *args)
{
	CLEANUP(fresh_deinit) struct fresh fresh = FRESH_NULL;
	CLEANUP(topo_deinit) struct topo topo = TOPO_NULL;
	int r;

	if (args->n_words > 1)
		return ctl_usage(ctl, "%s: one DEVICE at most", args->words[1]);
	if (args->values[OPTION_MAP] && (!args->n_words || ctl->json))
		return ctl_usage(ctl, args->n_words ? "--map is a drawing: leave it or --json out"
						    : "--map: which DEVICE?");
	r = topology_read(&ctl->root, &topo);
	if (r)
		return ctl_failed(ctl, "reading the machine", r);
	fresh_open(&fresh, ctl);
	topo.reasons |= fresh_reasons(&fresh);
	fresh_complain(&fresh, ctl);
	r = fresh.store ? mark_incidents(fresh.store, &topo) : 0;
	if (r) {
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(r));
		return CTL_INCOMPLETE;
	}
	if (args->values[OPTION_MAP])
		return draw_map(ctl, args->words[0], &topo);
	r = args->n_words ? restrict_to(ctl, args->words[0], &topo) : 0;
	if (r)
		return r;
	r = ctl->json ? print_record(ctl, &fresh, &topo) : print(ctl, &topo);
	if (r)
		return ctl_failed(ctl, "the tree", r);
	return topo.reasons ? CTL_INCOMPLETE : CTL_OK;
}

const struct ctl_command ctl_topology = {
	.name = "topology",
	.arguments = "[DEVICE] | --map DEVICE",
	.summary = "what the storage is built of, and where it is bad",
	.help = "A tree from DIMMs, regions and namespaces, or disks, over partitions, "
		"device-mapper "
		"and md\n"
		"to what holds the data: the filesystem and where it is mounted, swap, a program. "
		"BAD counts\n"
		"what the kernel's own lists say, and names open incidents. With DEVICE: what it "
		"stands on\n"
		"and what stands on it. With --map: DEVICE drawn, a line of cells for each "
		"filesystem on it.\n"
		"Without root some of it is not told, and that is said.\n",
	.example = "pmemrasctl topology /dev/pmem0",
	.options = options,
	.run = run,
};
