import Configuration
import Plumbing

/// Of an archive on many machines.
extension ScriptManual {
  /// `observer spark`.
  static let spark = Manual(
    "observer-spark", "sends archives through filters or audit on Spark",
    usage: ["--to DIR [OPTION]... FILE|FOLDER..."],
    about: """
      Runs snap-validate, snap-guard and snap-enrich over pieces of archives on all cores or machines, and writes \
      DIR/part-00000.jsonl ...: one after the other they are, byte for byte, what observer replay would archive; \
      DIR/rejects and, with --audit, DIR/audit.jsonl likewise. The programs go to the workers with the job; files \
      and DIR are on storage that all workers see. DIR is there whole or not at all.
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          Option.text("to", "DIR", as: .folder, "where the results go; it is new or empty"),
          Option.flag("audit", "snap-audit instead of the filters"),
          Option.flag("unwrap", "lines are PatternRecords: take their snapshot"),
          Option.flag("strict", "65 when a line was refused; 1 when a day is not whole"),
          Option.text("master", "URL", "local[N], spark://HOST:7077, yarn, k8s://... (local[*])"),
          Option.texts(
            "conf", "NAME=VALUE", "a setting of Spark; may be repeated",
            detail: "Also spark.master, and all that spark-defaults.conf and SPARK_CONF_DIR say."),
          Option.text(
            "split", "SIZE", "a piece of a plain file: 64M, 1G (256M)",
            detail: "Compressed files are not cut, and with --audit finished windows are not either."),
        ])
    ],
    sections: [
      Manual.Section(
        "NOTES",
        [
          "Standard output and DIR/accounts.jsonl say, for each partition and for all: file, bytes from and to, worker,"
            + " attempt, seconds, and each program's lines in, out, rejected and blank. They are held against each"
            + " other and against the files' sizes; what does not add up is not published (74).",
          "A partition that fails is tried again as often as Spark tries a task, then named with the program's last"
            + " words, and the job ends with that program's status. Each attempt writes into a folder of its own and one"
            + " is taken: a task that runs twice doubles nothing.",
          "The audit of a day needs all its lines in order. A day that lies in one piece is done with it; one that lies"
            + " in several is read again as a whole by one task.",
          "OBSERVER_PYTHON: the Python that has PySpark (python3); PYSPARK_PYTHON: the workers'. JAVA_HOME: Java.",
        ])
    ],
    statuses: [
      (.done, "done, rejects included"), (.unhealthy, "a day is not available, with --strict"),
      (.usage, "usage"),
      (.badData, "a compressed file is corrupt, a line refused under --strict, or no record (--audit)"),
      (.unavailable, "Spark out of reach, or it gave up"),
      (.cannotCreate, "DIR cannot be made, or is in use"),
      (.ioError, "a partition failed, or the counts do not add up"),
      (.tryLater, "another job writes DIR, or a file is being compressed"),
      (.configuration, "PySpark, Java or a program is not installed"),
    ],
    example: (
      "a year through today's rules, on a cluster",
      "observer spark --master spark://head:7077 --unwrap --to /nfs/again /nfs/archive"
    ), invocation: "observer spark")
}
