/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graph of devices: circles are refused, walks tell everything once, parts are cut along what stands on what. */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "topo.h"

/* Each letter a node, then pairs: below, above. */
static void make(struct topo *topo, const char *nodes, const char *edges)
{
	char name[2] = "";
	size_t at;

	for (; *nodes; nodes++) {
		name[0] = *nodes;
		assert_int_equal(topo_add(topo, TOPO_DISK, name, &at), 0);
	}
	for (; *edges; edges += 2) {
		char below[2] = {edges[0], '\0'}, above[2] = {edges[1], '\0'};

		assert_int_equal(topo_link(topo, topo_find(topo, below), topo_find(topo, above)),
				 0);
	}
}

struct told {
	const struct topo *topo;
	char text[256];
};

static int tell(size_t node, size_t parent, bool again, void *data)
{
	struct told *told = data;
	size_t len = strlen(told->text);

	snprintf(told->text + len, sizeof(told->text) - len, "%s%s%s%s ",
		 parent == TOPO_NONE ? "" : told->topo->nodes[parent].name,
		 parent == TOPO_NONE ? "" : ">", told->topo->nodes[node].name, again ? "!" : "");
	return 0;
}

static void test_walk(void **state)
{
	static const struct {
		const char *nodes, *edges, *told;
		const char *from, *part; /* restricted to that */
	} vectors[] = {
		{"", "", "", NULL, NULL},
		{"a", "", "a ", "a", "a "},
		{"abc", "", "a b c ", "b", "b "},
		{"abc", "abbc", "a a>b b>c ", "b", "a a>b b>c "},
		/* an array of two, in which a second one's share is shown above */
		{"abmx", "ambmmx", "a a>m m>x b b>m! ", "a", "a a>m m>x b b>m! "},
		/* siblings are nobody's business */
		{"dpqx", "dpdqpx", "d d>p p>x d>q ", "p", "d d>p p>x "},
		{"dpqx", "dpdqpx", "d d>p p>x d>q ", "d", "d d>p p>x d>q "},
		{"dpqxy", "dpdqpxqy", "d d>p p>x d>q q>y ", "y", "d d>q q>y "},
		/* known before what it stands on */
		{"xd", "dx", "d d>x ", "x", "d d>x "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(topo_deinit) struct topo topo = TOPO_NULL;
		struct told told = {&topo, ""};

		UNIT_ROW(vectors, i, vectors[i].edges);
		make(&topo, vectors[i].nodes, vectors[i].edges);
		assert_int_equal(topo_walk(&topo, tell, &told), 0);
		assert_string_equal(told.text, vectors[i].told);
		if (!vectors[i].from)
			continue;
		assert_int_equal(topo_restrict(&topo, topo_find(&topo, vectors[i].from)), 0);
		told.text[0] = '\0';
		assert_int_equal(topo_walk(&topo, tell, &told), 0);
		assert_string_equal(told.text, vectors[i].part);
	}
}

static void test_links(void **state)
{
	CLEANUP(topo_deinit) struct topo topo = TOPO_NULL;
	size_t at;

	make(&topo, "abc", "abbcab");
	assert_int_equal(topo.n_edges, 2);
	assert_int_equal(topo_link(&topo, 2, 0), -ELOOP);
	assert_int_equal(topo_link(&topo, 1, 1), -ELOOP);
	assert_int_equal(topo.n_edges, 2);
	assert_int_equal(topo_add(&topo, TOPO_MD, "b", &at), -EEXIST);
	assert_true(topo_has_above(&topo, 0) && !topo_has_below(&topo, 0));
	assert_true(!topo_has_above(&topo, 2) && topo_has_below(&topo, 2));
	assert_true(topo_find(&topo, "d") == TOPO_NONE);
	assert_true(topo_find_devno(&topo, 0) == TOPO_NONE);
	topo.nodes[2].devno = 7;
	assert_int_equal(topo_find_devno(&topo, 7), 2);
	assert_int_equal(topo_add_where(&topo.nodes[0], "/a"), 0);
	assert_int_equal(topo_add_where(&topo.nodes[0], "/b c"), 0);
	assert_string_equal(topo.nodes[0].where, "/a, /b c");
	assert_int_equal(topo_add_incident(&topo.nodes[0], 7), 0);
	assert_int_equal(topo_restrict(&topo, 0), 0);
	assert_int_equal(topo.nodes[0].incidents[0], 7);
}

static void test_advice(void **state)
{
	static const struct {
		enum topo_use use;
		const char *holds;
		const char *says; /* somewhere; NULL: nothing */
	} vectors[] = {
		{TOPO_USE_MOUNTED, "xfs", NULL},
		{TOPO_USE_MOUNTED, "ext4", "icheck"},
		{TOPO_USE_MOUNTED, "btrfs", "scrub"},
		{TOPO_USE_MOUNTED, "novelty", "its own tools"},
		{TOPO_USE_SIGNATURE, "xfs", "mount it"},
		{TOPO_USE_SIGNATURE, "LVM2_member", "vgchange"},
		{TOPO_USE_SIGNATURE, "linux_raid_member", "mdadm"},
		{TOPO_USE_SIGNATURE, "crypto_LUKS", "cryptsetup open"},
		{TOPO_USE_SWAP, "", "swapoff"},
		{TOPO_USE_CLAIMED, "", "fuser"},
		{TOPO_USE_OPEN, "", "program"},
		{TOPO_USE_DAX, "device_dax", "SIGBUS"},
		{TOPO_USE_RAM, "kmem", "HardwareCorrupted"},
		{TOPO_USE_UNKNOWN, "", "root"},
		{TOPO_USE_NONE, "", NULL},
		{TOPO_USE_LAYERS, "", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct topo_node node = {.use = vectors[i].use};

		UNIT_ROW(vectors, i, vectors[i].holds);
		strcpy(node.holds, vectors[i].holds);
		if (vectors[i].says)
			assert_non_null(strstr(topo_advice(&node), vectors[i].says));
		else
			assert_null(topo_advice(&node));
	}
	for (int i = 0; i < TOPO_USE_N; i++)
		assert_non_null(topo_use_token((enum topo_use)i));
	for (int i = 0; i < TOPO_KIND_N; i++)
		assert_non_null(topo_kind_token((enum topo_kind)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
