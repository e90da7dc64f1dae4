/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units and containers by the names of groups, as systemd and container managers make them. */
#include "unit.h"
#include <string.h>
#include "cgroup.h"

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define POD   "kubepods-besteffort-pod2f8d1b5e_7c3a_4f6e_9d21_0a1b2c3d4e5f.slice"

static const struct {
	const char *text, *unit, *user_unit, *slice, *kind, *container;
} vectors[] = {
	{"0::/system.slice/mysql.service\n", "mysql.service", "", "system.slice", "", ""},
	{"0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
	 "postgresql@15-main.service", "", "system-postgresql.slice", "", ""},
	{"0::/init.scope\n", "init.scope", "", "-.slice", "", ""},
	{"0::/\n", "", "", "", "", ""},
	{"0::/user.slice/user-1000.slice/session-2.scope\n", "session-2.scope", "",
	 "user-1000.slice", "", ""},
	{"0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome\\x2dterm-7.scope\n",
	 "user@1000.service", "app-gnome\\x2dterm-7.scope", "user-1000.slice", "", ""},
	{"0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "user@1000.service",
	 "init.scope", "user-1000.slice", "", ""},
	{"0::/system.slice/db.service/worker/3\n", "db.service", "", "system.slice", "", ""},
	{"0::/system.slice/_cpu.service\n", "cpu.service", "", "system.slice", "", ""},
	{"0::/system.slice/mysql.service (deleted)\n", "mysql.service", "", "system.slice", "", ""},
	{"0::/system.slice/a:b.service", "a:b.service", "", "system.slice", "", ""},
	{"0::/../../mysql.service\n", "mysql.service", "", "", "", ""},
	{"0::/system.slice/.service\n", "", "", "", "", ""},
	{"0::/mygroup/x.service\n", "", "", "", "", ""},
	/* version 1, and both */
	{"11:memory:/system.slice/ssh.service\n1:name=systemd:/system.slice/ssh.service\n",
	 "ssh.service", "", "system.slice", "", ""},
	{"4:memory:/other.slice/other.service\n", "", "", "", "", ""},
	{"0::/system.slice/wrong.service\n1:name=systemd:/user.slice/user-0.slice/"
	 "session-1.scope\n",
	 "session-1.scope", "", "user-0.slice", "", ""},
	{"1:name=systemd:/\n0::/system.slice/ssh.service\n", "ssh.service", "", "system.slice", "",
	 ""},
	/* docker */
	{"0::/system.slice/docker-" ID ".scope\n", "docker-" ID ".scope", "", "system.slice",
	 "docker", ID},
	{"12:devices:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n", "", "", "", "docker",
	 ID},
	{"0::/docker/" ID "/docker/" OTHER "\n", "", "", "", "docker", ID},
	{"0::/docker/" ID "/system.slice/ssh.service\n", "", "", "", "docker", ID},
	{"0::/system.slice/docker.service\n", "docker.service", "", "system.slice", "", ""},
	{"0::/system.slice/docker-0123.scope\n", "docker-0123.scope", "", "system.slice", "", ""},
	{"0::/system.slice/system.slice:docker:" ID "\n", "", "", "", "docker", ID},
	/* podman */
	{"0::/machine.slice/libpod-" ID ".scope/container\n", "libpod-" ID ".scope", "",
	 "machine.slice", "podman", ID},
	{"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope\n",
	 "user@1000.service", "libpod-" ID ".scope", "user-1000.slice", "podman", ID},
	{"0::/libpod_parent/libpod-" ID "\n", "", "", "", "podman", ID},
	{"0::/machine.slice/libpod-conmon-" ID ".scope\n", "libpod-conmon-" ID ".scope", "",
	 "machine.slice", "", ""},
	/* containerd, cri-o, kubernetes */
	{"0::/kubepods.slice/kubepods-besteffort.slice/" POD "/cri-containerd-" ID ".scope\n",
	 "cri-containerd-" ID ".scope", "", POD, "containerd", ID},
	{"0::/system.slice/containerd.service/" POD ":cri-containerd:" ID "\n",
	 "containerd.service", "", "system.slice", "containerd", ID},
	{"0::/system.slice/nerdctl-" ID ".scope\n", "nerdctl-" ID ".scope", "", "system.slice",
	 "containerd", ID},
	{"0::/kubepods.slice/kubepods-besteffort.slice/" POD "/crio-" ID ".scope\n",
	 "crio-" ID ".scope", "", POD, "cri-o", ID},
	{"0::/kubepods.slice/kubepods-besteffort.slice/" POD "/crio-conmon-" ID ".scope\n",
	 "crio-conmon-" ID ".scope", "", POD, "", ""},
	{"0::/kubepods/burstable/pod2f8d1b5e-7c3a-4f6e-9d21-0a1b2c3d4e5f/" ID "\n", "", "", "",
	 "kubernetes", ID},
	{"0::/burstable/pod2f8d1b5e/" ID "\n", "", "", "", "", ""},
	{"0::/kubepods/burstable/pod2f8d1b5e/0123\n", "", "", "", "", ""},
	/* LXC */
	{"0::/lxc.payload.web/system.slice/nginx.service\n", "", "", "", "lxc", "web"},
	{"0::/lxc.payload/web\n", "", "", "", "lxc", "web"},
	{"9:cpuset:/lxc/101/ns\n1:name=systemd:/lxc/101/ns/init.scope\n", "", "", "", "lxc", "101"},
	{"0::/lxc.monitor.web\n", "", "", "", "", ""},
	{"0::/lxc\n", "", "", "", "", ""},
	/* nspawn and machined */
	{"0::/machine.slice/systemd-nspawn@web\\x2d1.service/payload/system.slice/x.service\n",
	 "systemd-nspawn@web\\x2d1.service", "", "machine.slice", "nspawn", "web-1"},
	{"0::/machine.slice/systemd-nspawn@web.service/supervisor\n", "systemd-nspawn@web.service",
	 "", "machine.slice", "", ""},
	{"0::/machine.slice/machine-web.scope\n", "machine-web.scope", "", "machine.slice",
	 "machine", "web"},
	{"0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator\n",
	 "machine-qemu\\x2d1\\x2dvm.scope", "", "machine.slice", "", ""},
	{"0::/machine.slice/machine-\\x00.scope\n", "machine-\\x00.scope", "", "machine.slice", "",
	 ""},
	/* no such file */
	{"", "", "", "", "", ""},
	{"nonsense\n0:\n::\n", "", "", "", "", ""},
};

static void test_vectors(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct cgroup_place got;

		UNIT_ROW(vectors, i, vectors[i].text);
		memset(&got, 0x5a, sizeof(got));
		cgroup_parse(vectors[i].text, strlen(vectors[i].text), &got);
		assert_string_equal(got.unit, vectors[i].unit);
		assert_string_equal(got.user_unit, vectors[i].user_unit);
		assert_string_equal(got.slice, vectors[i].slice);
		assert_string_equal(cgroup_container_token(got.kind), vectors[i].kind);
		assert_string_equal(got.container, vectors[i].container);
	}
}

/* A name that the kernel cannot have made is none, not a shorter one. */
static void test_long(void **state)
{
	char text[600] = "0::/system.slice/";
	struct cgroup_place got;
	size_t at = strlen(text);

	memset(text + at, 'x', 400);
	strcpy(text + at + 400, ".service\n");
	cgroup_parse(text, strlen(text), &got);
	assert_string_equal(got.unit, "");
}

static void test_tokens(void **state)
{
	for (int i = CGROUP_NO_CONTAINER + 1; i < CGROUP_CONTAINER_N; i++) {
		const char *token = cgroup_container_token((enum cgroup_container)i);

		assert_true(*token);
		assert_int_equal(cgroup_container_from_token(token), i);
	}
	assert_int_equal(cgroup_container_from_token(""), -1);
	assert_int_equal(cgroup_container_from_token(NULL), -1);
	assert_int_equal(cgroup_container_from_token("rkt"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
