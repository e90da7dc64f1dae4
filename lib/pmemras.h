/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_H
#define PMEMRAS_H

/*
 * libpmemras: from bad bytes of a block device to the files they hit.
 *
 *	struct pmemras_ctx *ctx;
 *	struct pmemras_findings *findings;
 *	struct pmemras_finding item;
 *
 *	pmemras_new(&ctx);
 *	pmemras_locate(ctx, st.st_rdev, 1048712192, 512, &findings);
 *	for (size_t i = 0; !pmemras_findings_get(findings, i, &item, sizeof(item)); i++)
 *		printf("%s: %s\n", pmemras_findings_path(findings, i, 0), item.says);
 *
 * Functions return 0 or -errno unless they say otherwise, and leave what they
 * return through pointers untouched on failure. Nothing is ever written. Owners of blocks can be
 * seen with CAP_SYS_ADMIN in the initial user namespace only; without, or with
 * anything else in the way, an answer says so: see pmemras_findings_reason().
 *
 * A context may be used by one thread at a time, findings by any number.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pmemras_ctx;
struct pmemras_findings;

/**
 * pmemras_version() - version of the library that is running, "0.1.0"
 *
 * Return: never NULL, not to be freed.
 */
const char *pmemras_version(void);

/**
 * pmemras_strerror() - what a return value of this library means
 * @r: 0 or -errno
 *
 * Return: never NULL, not to be freed.
 */
const char *pmemras_strerror(int r);

/**
 * pmemras_new() - a context
 * @ret: the caller frees it with pmemras_free()
 *
 * Return: 0, -ENOMEM, or -errno of opening "/".
 */
int pmemras_new(struct pmemras_ctx **ret);

/* Always NULL; takes NULL. Findings outlive the context they came from. */
struct pmemras_ctx *pmemras_free(struct pmemras_ctx *ctx);

/**
 * pmemras_locate() - find what a range of a block device holds
 * @ctx:    library context
 * @dev:    device number, as in st_rdev
 * @offset: first byte, counted from the start of @dev
 * @length: bytes, nonzero; the range is rounded out to 512-byte sectors
 * @ret:    findings ordered by place; the caller frees them with pmemras_findings_free()
 *
 * Flushes delayed allocations of the filesystem, asks it, looks for the paths of
 * the files and for the processes that have them open. What belongs to nobody is a finding too
 * ("free"); what cannot be told is "unknown" and has a reason, not an error.
 *
 * Return: 0; -EINVAL (@length is 0); -ERANGE (the range wraps); -ENODEV (no such block
 * device); -ENOMEM.
 */
int pmemras_locate(struct pmemras_ctx *ctx, dev_t dev, uint64_t offset, uint64_t length,
		   struct pmemras_findings **ret);

/* Bytes of a device, len nonzero. */
struct pmemras_range {
	uint64_t start;
	uint64_t len;
};

#define PMEMRAS_NO_PATHS   0x1u /* do not look for paths */
#define PMEMRAS_NO_HOLDERS 0x2u /* do not look who has the files open */
#define PMEMRAS_NO_SYNC	   0x4u /* do not flush delayed allocations */

/**
 * pmemras_locate_ranges() - as pmemras_locate(), for many ranges at the price of one look
 * @ranges: @n of them in any order; they may overlap. With @n 0 nothing is found
 * @flags:  PMEMRAS_NO_*
 *
 * Return: as pmemras_locate(); -EINVAL also for unknown @flags.
 */
int pmemras_locate_ranges(struct pmemras_ctx *ctx, dev_t dev, const struct pmemras_range *ranges,
			  size_t n, unsigned int flags, struct pmemras_findings **ret);

/**
 * pmemras_locate_file() - the other way round: where a part of a file lies, and who shares it
 * @path:    a regular file
 * @offset:  first byte in the file
 * @length:  bytes, 0: up to its end
 * @flags:   PMEMRAS_NO_*
 * @ret_dev: may be NULL; the device it lies on
 * @ret:     as pmemras_locate(); holes lie nowhere, so nothing is found for them
 *
 * Where the file cannot be asked (shut down, not permitted), or who shares it (not on XFS), the
 * answer has a reason.
 *
 * Return: 0; -EINVAL (not a regular file, @flags); -ERANGE; -ENOTBLK (its device cannot
 * be named); -ENOMEM; -errno of opening @path.
 */
int pmemras_locate_file(struct pmemras_ctx *ctx, const char *path, uint64_t offset,
			uint64_t length, unsigned int flags, dev_t *ret_dev,
			struct pmemras_findings **ret);

/* Always NULL; takes NULL. */
struct pmemras_findings *pmemras_findings_free(struct pmemras_findings *findings);

enum pmemras_impact {
	PMEMRAS_IMPACT_NOTHING = 0,  /* nothing is stored there */
	PMEMRAS_IMPACT_UNKNOWN = 1,  /* cannot be told: never to be read as nothing */
	PMEMRAS_IMPACT_DATA = 2,     /* bytes of a file */
	PMEMRAS_IMPACT_METADATA = 3, /* names, attributes, maps, inodes, trees, headers, log */
};

#define PMEMRAS_FINDING_SHARED	  0x1u /* several files share these bytes (reflink) */
#define PMEMRAS_FINDING_UNWRITTEN 0x2u /* preallocated, never written */
#define PMEMRAS_FINDING_PAST_EOF  0x4u /* behind the end of the file */
#define PMEMRAS_FINDING_DELETED	  0x100u /* the file has no name any more, but is still open */
#define PMEMRAS_FINDING_VANISHED  0x200u /* the file went away while we looked */
#define PMEMRAS_FINDING_IN_USE	  0x400u /* processes have the file open or mapped */

/* One owner of one range. A range with several owners has a finding for each. */
struct pmemras_finding {
	uint64_t start;	 /* byte on the device */
	uint64_t len;	 /* bytes */
	uint64_t offset; /* byte in the file, or in its directory, attributes, target */
	uint64_t ino;	 /* inode number, 0 where no file owns the range */
	uint32_t gen;	 /* and its generation */
	uint32_t n_paths; /* known names of the file, see pmemras_findings_path() */
	uint64_t file_size; /* bytes */
	enum pmemras_impact impact;
	uint32_t flags;	  /* PMEMRAS_FINDING_* */
	const char *kind; /* "file-data", "directory", "free", "unknown" …; of the library */
	const char *says; /* what is lost, as half a sentence; of the library */
};

/**
 * pmemras_findings_get() - one finding
 * @index: from 0
 * @ret:   filled in; its strings live as long as the library
 * @size:  sizeof(*@ret) as the caller knows it; later versions append fields
 *
 * Return: 0; -ENOENT behind the last one; -EINVAL (@size is smaller than any version's).
 */
int pmemras_findings_get(const struct pmemras_findings *findings, size_t index,
			 struct pmemras_finding *ret, size_t size);

/**
 * pmemras_findings_path() - a path of the file of a finding
 * @index: of the finding
 * @n:     which of its names, from 0
 *
 * Return: exact bytes, absolute, through a mount point; NULL where there is none (left). Lives
 * as long as @findings.
 */
const char *pmemras_findings_path(const struct pmemras_findings *findings, size_t index, size_t n);

/**
 * pmemras_findings_reason() - why the answer is incomplete
 * @n:          from 0
 * @ret_says:   may be NULL; one sentence
 * @ret_remedy: may be NULL; what to do about it, "" where there is nothing
 *
 * Return: a token, "no-rmapbt", "not-mounted" …; NULL where there is none (left). No reason at
 * all: the answer is complete.
 */
const char *pmemras_findings_reason(const struct pmemras_findings *findings, unsigned int n,
				    const char **ret_says, const char **ret_remedy);

/**
 * pmemras_findings_json() - everything, as the JSON object that `pmemrasctl locate --json` prints
 * @ret: NUL-terminated UTF-8; free()
 *
 * Return: 0, -ENOMEM.
 */
int pmemras_findings_json(const struct pmemras_findings *findings, char **ret);

#ifdef __cplusplus
}
#endif

#endif
