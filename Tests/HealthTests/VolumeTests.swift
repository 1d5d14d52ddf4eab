import Testing

@testable import Health

/// What a folder lies on, by the list of mounts that the kernel gives.
struct VolumeTests {
  /// A container of Docker with the image's volume unnamed, a named one, a host's folder and a tmpfs.
  static let docker = """
    612 500 0:54 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
    613 612 0:57 / /proc rw,nosuid - proc proc rw
    620 612 8:1 /var/lib/docker/volumes/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/_data /app/config rw - ext4 /dev/sda1 rw
    621 612 8:1 /var/lib/docker/volumes/observer_tokens/_data /app/tokens rw - ext4 /dev/sda1 rw
    622 612 8:1 /home/kim/my\\040config /srv/my\\040config rw - ext4 /dev/sda1 rw
    623 612 0:60 / /tmp rw - tmpfs tmpfs rw
    624 623 8:1 /data /tmp/disk rw - xfs /dev/sda1 rw

    """

  @Test(arguments: [
    ("/data/observer", VolumeFacts.layer("overlay")), ("/app/config/observer", .nameless),
    ("/app/configuration", .layer("overlay")), ("/app/tokens/x", .lasting),
    ("/srv/my config/observer", .lasting),
    ("/srv/my", .layer("overlay")), ("/tmp/observer", .memory("tmpfs")), ("/tmp", .memory("tmpfs")),
    ("/tmp/disk/observer", .lasting), ("/", .layer("overlay")),
  ])
  func theDeepestMountDecides(path: String, volume: VolumeFacts) {
    #expect(VolumeReader.kind(of: path, mounts: Self.docker) == volume)
  }

  @Test(arguments: [
    ("1 0 254:0 / / rw - ext4 /dev/vda rw\n", VolumeFacts.lasting), ("", .lasting),
    ("garbage - \n1 2 3 - x\n", .lasting),
    ("1 0 0:5 / / rw - fuse.fuse-overlayfs x rw\n", .layer("fuse.fuse-overlayfs")),
    (
      "1 0 0:5 / / rw - overlay x rw\n2 1 8:1 / /a rw - ext4 x rw\n3 2 0:9 / /a rw - tmpfs x rw\n",
      .memory("tmpfs")
    ),
    ("1 0 0:5 / /a rw shared:1 master:2 - ramfs x rw\n", .memory("ramfs")),
  ])
  func anyList(mounts: String, volume: VolumeFacts) {
    #expect(VolumeReader.kind(of: "/a/b", mounts: mounts) == volume)
  }
}
