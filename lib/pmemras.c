/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The public face of core and sys: a context that holds the machine's root,
 * and findings as an opaque object. What goes out is copied into a struct of
 * its own, so that the types inside are free to change.
 */
#include "config.h"
#include <errno.h>
#include <string.h>
#include "blkdev.h"
#include "capture.h"
#include "cleanup.h"
#include "pmemras.h"
#include "record.h"

#define FLAGS_KNOWN (PMEMRAS_NO_PATHS | PMEMRAS_NO_HOLDERS | PMEMRAS_NO_SYNC)

_Static_assert((int)PMEMRAS_IMPACT_NOTHING == (int)IMPACT_NOTHING &&
		       (int)PMEMRAS_IMPACT_UNKNOWN == (int)IMPACT_UNKNOWN &&
		       (int)PMEMRAS_IMPACT_DATA == (int)IMPACT_DATA &&
		       (int)PMEMRAS_IMPACT_METADATA == (int)IMPACT_METADATA,
	       "the public impacts are the core's");

struct pmemras_ctx {
	struct sysroot root;
};

struct pmemras_findings {
	struct findings *f;
};

const char *pmemras_version(void)
{
	return PACKAGE_VERSION;
}

const char *pmemras_strerror(int r)
{
	const char *text = strerrordesc_np(r < 0 ? -r : r);

	return text ? text : "Unknown error";
}

int pmemras_new(struct pmemras_ctx **ret)
{
	CLEANUP(freep) struct pmemras_ctx *ctx = calloc(1, sizeof(*ctx));
	int r;

	if (!ctx)
		return -ENOMEM;
	ctx->root = SYSROOT_NULL;
	r = sysroot_open(&ctx->root, NULL);
	if (r)
		return r;

	*ret = steal(ctx);
	return 0;
}

struct pmemras_ctx *pmemras_free(struct pmemras_ctx *ctx)
{
	if (ctx)
		sysroot_deinit(&ctx->root);
	free(ctx);
	return NULL;
}

static struct capture_options options_of(unsigned int flags)
{
	return (struct capture_options){
		.no_paths = flags & PMEMRAS_NO_PATHS,
		.no_holders = flags & PMEMRAS_NO_HOLDERS,
		.no_sync = flags & PMEMRAS_NO_SYNC,
	};
}

static int hand_out(struct findings **f, struct pmemras_findings **ret)
{
	struct pmemras_findings *findings = malloc(sizeof(*findings));

	if (!findings)
		return -ENOMEM;
	findings->f = steal(*f);
	*ret = findings;
	return 0;
}

int pmemras_locate_ranges(struct pmemras_ctx *ctx, dev_t dev, const struct pmemras_range *ranges,
			  size_t n, unsigned int flags, struct pmemras_findings **ret)
{
	const struct capture_options options = options_of(flags);
	CLEANUP(blkdev_deinit) struct blkdev device = BLKDEV_NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;
	int r;

	if (flags & ~FLAGS_KNOWN)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (!ranges[i].len)
			return -EINVAL;
		r = rangeset_append_unsorted(&bad,
					     (struct byte_range){ranges[i].start, ranges[i].len});
		if (r)
			return r;
	}
	rangeset_normalise(&bad);
	r = blkdev_from_devno(&ctx->root, dev, &device);
	if (r)
		return r == -ENOENT ? -ENODEV : r;
	r = capture_locate(&ctx->root, &device, &bad, &options, &f);
	if (r)
		return r;
	return hand_out(&f, ret);
}

int pmemras_locate(struct pmemras_ctx *ctx, dev_t dev, uint64_t offset, uint64_t length,
		   struct pmemras_findings **ret)
{
	const struct pmemras_range range = {offset, length};

	return pmemras_locate_ranges(ctx, dev, &range, 1, 0, ret);
}

int pmemras_locate_file(struct pmemras_ctx *ctx, const char *path, uint64_t offset, uint64_t length,
			unsigned int flags, dev_t *ret_dev, struct pmemras_findings **ret)
{
	const struct capture_options options = options_of(flags);
	CLEANUP(blkdev_deinit) struct blkdev device = BLKDEV_NULL;
	CLEANUP(findings_freep) struct findings *f = NULL;
	int r;

	if (flags & ~FLAGS_KNOWN)
		return -EINVAL;
	if (offset > INT64_MAX || length > INT64_MAX - offset)
		return -ERANGE;
	r = capture_locate_file(&ctx->root, path, (struct byte_range){offset, length}, &options,
				&device, NULL, &f);
	if (r)
		return r;
	r = hand_out(&f, ret);
	if (!r && ret_dev)
		*ret_dev = device.devno;
	return r;
}

struct pmemras_findings *pmemras_findings_free(struct pmemras_findings *findings)
{
	if (findings)
		findings_free(findings->f);
	free(findings);
	return NULL;
}

static uint32_t public_flags(const struct findings *f, const struct finding *item)
{
	static const struct {
		uint32_t inside, outside;
	} of_item[] =
		{
			{FINDING_SHARED, PMEMRAS_FINDING_SHARED},
			{FINDING_UNWRITTEN, PMEMRAS_FINDING_UNWRITTEN},
			{FINDING_PAST_EOF, PMEMRAS_FINDING_PAST_EOF},
		},
	  of_file[] = {
		  {FOUND_FILE_DELETED, PMEMRAS_FINDING_DELETED},
		  {FOUND_FILE_VANISHED, PMEMRAS_FINDING_VANISHED},
	  };
	uint32_t flags = 0;
	size_t holders;

	for (size_t i = 0; i < ARRAY_SIZE(of_item); i++)
		if (item->flags & of_item[i].inside)
			flags |= of_item[i].outside;
	if (item->file == FINDING_NO_FILE)
		return flags;
	for (size_t i = 0; i < ARRAY_SIZE(of_file); i++)
		if (f->files[item->file].flags & of_file[i].inside)
			flags |= of_file[i].outside;
	findings_holders(f, item->file, &holders);
	return holders ? flags | PMEMRAS_FINDING_IN_USE : flags;
}

int pmemras_findings_get(const struct pmemras_findings *findings, size_t index,
			 struct pmemras_finding *ret, size_t size)
{
	const struct findings *f = findings->f;
	struct pmemras_finding out = {0};
	const struct finding *item;

	if (size < sizeof(out)) /* there is one version so far */
		return -EINVAL;
	if (index >= f->n_items)
		return -ENOENT;

	item = &f->items[index];
	out.start = item->start;
	out.len = item->len;
	out.impact = (enum pmemras_impact)finding_impact(item);
	out.flags = public_flags(f, item);
	out.kind = fs_owner_token(item->kind);
	out.says = finding_says(item);
	if (fs_owner_is_file(item->kind)) {
		out.ino = item->ino;
		out.offset = item->offset;
	}
	if (item->file != FINDING_NO_FILE) {
		out.gen = f->files[item->file].gen;
		out.file_size = f->files[item->file].size;
		out.n_paths = f->files[item->file].n_paths;
	}
	memcpy(ret, &out, sizeof(out));
	if (size > sizeof(out)) /* a later caller: what we do not know is zero */
		memset((char *)ret + sizeof(out), 0, size - sizeof(out));
	return 0;
}

const char *pmemras_findings_path(const struct pmemras_findings *findings, size_t index, size_t n)
{
	const struct findings *f = findings->f;
	const char *path = NULL;
	uint32_t cursor = 0;

	if (index >= f->n_items || f->items[index].file == FINDING_NO_FILE)
		return NULL;
	do {
		path = findings_path_next(f, &f->files[f->items[index].file], &cursor);
	} while (path && n--);
	return path;
}

const char *pmemras_findings_reason(const struct pmemras_findings *findings, unsigned int n,
				    const char **ret_says, const char **ret_remedy)
{
	for (unsigned int reason = 0; reason < REASON_N; reason++) {
		if (!(findings->f->reasons & 1u << reason) || n--)
			continue;
		if (ret_says)
			*ret_says = reason_says((enum reason)reason);
		if (ret_remedy)
			*ret_remedy = reason_remedy((enum reason)reason);
		return reason_token((enum reason)reason);
	}
	return NULL;
}

int pmemras_findings_json(const struct pmemras_findings *findings, char **ret)
{
	CLEANUP(record_freep) struct json_object *record = NULL;
	const char *text;
	char *copy;
	int r;

	r = record_from_findings(findings->f, SIZE_MAX, &record);
	if (r)
		return r;
	text = json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE);
	copy = text ? strdup(text) : NULL;
	if (!copy)
		return -ENOMEM;

	*ret = copy;
	return 0;
}
