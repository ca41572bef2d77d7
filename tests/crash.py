#!/usr/bin/env python3
"""Kills `dateline index` at random moments and checks that committed means safe.

    python3 tests/crash.py --binary target/release/dateline --cycles 50 --seed 1
    python3 tests/crash.py --binary target/release/dateline --cycles 50 --seed 1 --disk-full

Each cycle writes a batch of generated articles: new ones, updates of old ones, old ones again,
and ids that come twice. `dateline index BATCH --commit-every N` runs on it and is killed with
SIGKILL: at any moment of its running time, during its start, or on or after the line `committed N
articles` that it prints for a commit. Some runs finish. After each kill the index is read, the same
command runs again, which may be killed in its turn, and in the end it has to succeed. In some
cycles all that happens to an index being born, too, beside the one that lasts.

What an index must hold follows from the lines that were acknowledged, the first N of the batch in
their order. `dateline verify` has to find the index sound, and a search for a word that every
article has must list, page by page,

* every acknowledged article, in the acknowledged version or in a later one of the batch (else it is
  `missing`, or `went back` to an older version),
* no id twice, and nothing that was never written: title and passage are compared with what was
  generated for the version that they name,
* no more than some number of the batch's lines and no less than all before them: a commit is there
  as a whole or not at all (else it is `torn`).

At the end, the final state goes into a fresh index in another order, and both must have one digest.

With --disk-full, runs are not killed but may only write files up to a size that changes from run to
run (RLIMIT_FSIZE, SIGXFSZ ignored), so that a write fails with EFBIG somewhere; articles grow
towards the end of a batch, so that commits succeed before it. The program must then exit with
status 6 and one line of error, the index must hold what it held and what was acknowledged, and the
run after it, without a limit, must succeed. Where all files fit, the run succeeds at once.

A line is printed for each cycle and a summary at the end; the exit status is 1 if anything was
wrong, and the temporary directory is kept then, with a copy of the index for each of the first
problems; the index itself is made anew as it should be, so that each is found once. The seed fixes
articles and batches; kills are drawn from it, too, but when one strikes depends on the machine, and
with that what comes next. What SIGKILL cannot show is a power cut: the system still writes what the dead
process had handed over. Python's standard library is all that is needed; --disk-full is for Linux.
"""
import argparse
import collections
import dataclasses
import functools
import json
import os
import pathlib
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# dateline takes articles in by chunks of 512 lines, and commits after a chunk if enough articles
# changed since the last commit; with 1, after each chunk in which any did.
FIRST_ARTICLES = 2500
NEW_ARTICLES = 120
OLD_ARTICLES = 1980
UPDATES = (1900, 1900, 475, 95)  # the rest of the old ones come unchanged
TWICE = 60
COMMIT_EVERY = (1, 100, 400, 512, 1000)  # 1 where few articles change

PAGE = 1000
MOST_TROUBLES = 3
MOST_COPIES = 5
# A run takes less than a second; one that takes this long hangs.
HANG_S = 120

WORDS = (
    "agreement airline analysts annual approval assets auction bank bond budget buyer capital cargo "
    "contract court credit crude currency dealer debt demand deposit dividend earnings energy exports "
    "factory forecast freight fund gas grain guidance imports inflation insurer inventory investor "
    "lender licence loan margin market merger mine oil orders output payroll pension pipeline plant "
    "port price profit quarter rates refinery regulator retailer revenue sales shares shipping steel "
    "strike supplier tariff tax tender trade union wages warehouse yield Germany Thailand London "
    "Brazil Boeing Toyota Siemens Nestle"
).split()

Version = tuple[int, int]  # number of the article, version of its text


@dataclasses.dataclass(frozen=True)
class Text:
    title: str
    body: str


class Corpus:
    """The articles: what they say follows from seed, number and version."""

    def __init__(self, seed: int):
        self.seed = seed
        self.latest: dict[int, int] = {}
        self.sentences: dict[Version, int] = {}

    def write(self, number: int, version: int, sentences: int) -> Version:
        self.latest[number] = max(version, self.latest.get(number, 0))
        self.sentences[number, version] = sentences
        return number, version

    @functools.lru_cache(maxsize=40_000)
    def text(self, number: int, version: int) -> Text:
        """Title and body; every sentence names the version, so that any passage shows it."""
        rng = random.Random(f"{self.seed}/{number}/{version}")
        name = f"Crashtest a{number} v{version}"
        sentences = (
            f"{name} {' '.join(rng.choices(WORDS, k=rng.randint(8, 22)))}."
            for _ in range(self.sentences[number, version])
        )
        return Text(f"{name} {rng.choice(WORDS)} {rng.choice(WORDS)}", "\n".join(sentences))

    @staticmethod
    def is_dated(number: int) -> bool:
        """Whether its versions say when they were updated; of the others, the later line wins."""
        return number % 3 > 0

    def line(self, number: int, version: int) -> str:
        text = self.text(number, version)
        article = {"id": f"a{number}", "title": text.title, "body": text.body, "source": "Crashwire"}
        if self.is_dated(number):
            article["updated"] = f"{2000 + version // 12}-{version % 12 + 1:02}"
        return json.dumps(article) + "\n"


@dataclasses.dataclass
class Batch:
    path: pathlib.Path
    lines: list[Version]
    commit_every: int

    def after(self, base: dict[int, int], lines: int) -> dict[int, int]:
        """What an index that held `base` must hold once so many lines are in."""
        state = dict(base)
        for number, version in self.lines[:lines]:
            state[number] = max(version, state.get(number, 0))
        return state


def make_batch(corpus: Corpus, path: pathlib.Path, rng: random.Random, growing: bool) -> Batch:
    """Writes a batch; where it is `growing`, later articles are longer and no id comes twice."""
    first = not corpus.latest
    old = rng.sample(sorted(corpus.latest), 0 if first else OLD_ARTICLES + TWICE)
    changed = rng.choice(UPDATES)
    new = range(len(corpus.latest), len(corpus.latest) + (FIRST_ARTICLES if first else NEW_ARTICLES))
    updates, unchanged, twice = old[:changed], old[changed:-TWICE], old[-TWICE:]
    placed: list[tuple[float, int, int]] = []  # place in the batch, number, version
    for number in [*new, *updates]:
        placed.append((rng.random(), number, corpus.latest.get(number, 0) + 1))
    for number in unchanged:
        placed.append((rng.random(), number, corpus.latest[number]))
    for number in [] if growing or first else twice:
        early, late = sorted([rng.random(), rng.random()])
        version = corpus.latest[number] + 1
        kind = rng.choice(["better", "worse", "same"] if corpus.is_dated(number) else ["same"])
        placed.append((early, number, version + (kind == "worse")))
        placed.append((late, number, version + (kind == "better")))
    placed.sort()
    lines = []
    for number, version in ((number, version) for _, number, version in placed):
        sentences = 1 + 12 * len(lines) // len(placed) if growing else rng.randint(1, 8)
        known = (number, version) in corpus.sentences
        lines.append((number, version) if known else corpus.write(number, version, sentences))
    path.write_text("".join(corpus.line(number, version) for number, version in lines))
    return Batch(path, lines, rng.choice(COMMIT_EVERY) if first or changed > 1000 else 1)


@dataclasses.dataclass
class Kill:
    """SIGKILL so long after the start, or after so many commits."""

    after_commits: int
    delay_s: float


@dataclasses.dataclass
class Limit:
    """No file may grow beyond this."""

    file_bytes: int


@dataclasses.dataclass
class Outcome:
    acknowledged: int  # lines of the batch
    commits: int
    ack_times_s: list[float]
    was_killed: bool
    hung: bool
    status: int
    errors: list[str]  # lines on standard error that are no acknowledgements
    seconds: float


class Program:
    def __init__(self, binary: pathlib.Path):
        self.binary = binary
        self.environment = {name: value for name, value in os.environ.items() if name != "DATELINE_INDEX"}

    def query(self, *args: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.binary), *args]
        try:
            return subprocess.run(
                command, capture_output=True, text=True, env=self.environment, timeout=HANG_S, check=False
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, -1, "", f"hung for {HANG_S} s")

    def index(self, index: pathlib.Path, batch: Batch, trouble: Kill | Limit | None) -> Outcome:
        command = [str(self.binary), "index", str(batch.path), "--index", str(index)]
        command += ["--commit-every", str(batch.commit_every)]

        def limit() -> None:
            import resource

            if isinstance(trouble, Limit):
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (trouble.file_bytes, trouble.file_bytes))

        start = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self.environment,
            preexec_fn=limit if isinstance(trouble, Limit) else None,
        )
        stderr = process.stderr.fileno()
        hang_at = start + HANG_S
        kill_at = None
        if isinstance(trouble, Kill) and trouble.after_commits == 0:
            kill_at = start + trouble.delay_s
        outcome = Outcome(0, 0, [], False, False, 0, [], 0.0)
        unfinished = b""
        while True:
            wait_until = hang_at if kill_at is None or outcome.was_killed else kill_at
            ready, _, _ = select.select([stderr], [], [], max(0.0, wait_until - time.monotonic()))
            if not ready:
                outcome.hung |= wait_until == hang_at
                outcome.was_killed = True
                process.kill()
                continue
            read = os.read(stderr, 1 << 16)
            if not read:
                break
            # What was not printed to the end of its line was not acknowledged.
            *whole, unfinished = (unfinished + read).split(b"\n")
            for line in whole:
                words = line.decode(errors="replace").split()
                if len(words) == 3 and words[0] == "committed" and words[1].isdigit():
                    outcome.acknowledged = int(words[1])
                    outcome.commits += 1
                    outcome.ack_times_s.append(time.monotonic() - start)
                    if isinstance(trouble, Kill) and outcome.commits == trouble.after_commits:
                        kill_at = time.monotonic() + trouble.delay_s
                else:
                    outcome.errors.append(line.decode(errors="replace"))
        if unfinished and not outcome.was_killed:
            outcome.errors.append(unfinished.decode(errors="replace"))
        status = process.wait()
        process.stderr.close()
        outcome.seconds = time.monotonic() - start
        outcome.status = status
        # One that ended before the signal came was not killed, nor was one that another killed.
        outcome.was_killed &= status == -signal.SIGKILL
        return outcome


@dataclasses.dataclass
class Reading:
    """What an index says that it holds."""

    versions: dict[int, int] = dataclasses.field(default_factory=dict)
    twice: list[str] = dataclasses.field(default_factory=list)
    unwritten: list[str] = dataclasses.field(default_factory=list)
    unsound: list[str] = dataclasses.field(default_factory=list)
    digest: str = ""
    is_read: bool = False  # whether the other fields say all that there is


def read(program: Program, corpus: Corpus, index: pathlib.Path) -> Reading:
    reading = Reading()
    verify = program.query("verify", "--json", "--index", str(index))
    if verify.returncode == 3 and "there is no index here" in verify.stderr:
        reading.is_read = True
        return reading
    try:
        verdict = json.loads(verify.stdout)
    except ValueError:
        reading.unsound.append(f"verify: status {verify.returncode}: {verify.stderr.strip()}")
        return reading
    reading.digest = verdict["digest"]
    reading.unsound += [f"verify: {problem}" for problem in verdict["problems"]]
    if (verify.returncode != 0) != bool(verdict["problems"]):
        reading.unsound.append(f"verify: status {verify.returncode}, problems {verdict['problems']}")
    ids: set[str] = set()
    hits, page, total = 0, 0, 1
    while page * PAGE < total:
        page += 1
        options = f"--format jsonl --limit {PAGE} --page {page} --passages 1 --facets 0"
        search = program.query("search", "crashtest", "--index", str(index), *options.split())
        if search.returncode != (0 if search.stdout.count("\n") > 1 else 1):
            reading.unsound.append(f"search: status {search.returncode}: {search.stderr.strip()}")
            return reading
        for entry in map(json.loads, search.stdout.splitlines()):
            if entry["type"] == "summary":
                total = entry["total"]
                continue
            hits += 1
            native = entry.get("native_id", "")
            version = version_of(corpus, entry)
            if version is None:
                reading.unwritten.append(f"{native}: {entry['title']!r}")
            else:
                if entry["id"] in ids or version[0] in reading.versions:
                    reading.twice.append(native)
                reading.versions[version[0]] = max(version[1], reading.versions.get(version[0], 0))
            ids.add(entry["id"])
    if not hits == total == verdict["articles"]:
        counts = f"{verdict['articles']} by verify, {total} counted and {hits} listed by search"
        reading.unsound.append(f"articles: {counts}")
    reading.is_read = True
    return reading


def version_of(corpus: Corpus, hit: dict) -> Version | None:
    """The article and version that a hit shows, if it is one that was written."""
    words = hit["title"].split()
    try:
        version = int(words[1].removeprefix("a")), int(words[2].removeprefix("v"))
    except (IndexError, ValueError):
        return None
    if version not in corpus.sentences or hit.get("native_id") != f"a{version[0]}":
        return None
    text = corpus.text(*version)
    shown = [passage["text"] == text.body[passage["start"] : passage["end"]] for passage in hit["passages"]]
    return version if hit["title"] == text.title and shown == [True] else None


@dataclasses.dataclass
class Judgement:
    checked: int = 0
    missing: list[str] = dataclasses.field(default_factory=list)
    went_back: list[str] = dataclasses.field(default_factory=list)
    unwritten: list[str] = dataclasses.field(default_factory=list)
    torn: list[str] = dataclasses.field(default_factory=list)
    found: int = 0  # lines of the batch that are in

    def __bool__(self) -> bool:
        return bool(self.missing or self.went_back or self.unwritten or self.torn)


def judge(base: dict[int, int], batch: Batch, acknowledged: int, reading: Reading) -> Judgement:
    """Compares what is there with what the index held before and what was acknowledged since."""
    judgement = Judgement()
    held = batch.after(base, acknowledged)
    judgement.checked = len(held)
    judgement.found = acknowledged
    possible = set(held.items()) | set(batch.lines[acknowledged:])
    for number, version in held.items():
        shown = reading.versions.get(number)
        if shown is None:
            judgement.missing.append(f"a{number} v{version}")
        elif shown < version:
            dated = "dated" if Corpus.is_dated(number) else "undated"
            judgement.went_back.append(f"a{number} v{version} to v{shown} ({dated})")
    for number, version in reading.versions.items():
        if (number, version) not in possible and version >= held.get(number, 0):
            judgement.unwritten.append(f"a{number} v{version}")
    if judgement:
        return judgement
    # Walks on through the batch until what must be there is what is there.
    there = reading.versions
    differing = {number for number in held | there if held.get(number) != there.get(number)}
    for number, version in batch.lines[acknowledged:]:
        if not differing:
            break
        judgement.found += 1
        held[number] = max(version, held.get(number, 0))
        if held[number] == there.get(number):
            differing.discard(number)
        else:
            differing.add(number)
    if differing:
        judgement.torn = [f"a{number} v{there.get(number)}" for number in sorted(differing)]
    return judgement


class Trial:
    """All cycles, and what was counted in them."""

    def __init__(self, program: Program, directory: pathlib.Path, seed: int, disk_full: bool):
        self.program = program
        self.directory = directory
        self.disk_full = disk_full
        self.seed = seed
        # The plan of kills; batches have generators of their own, so that timing does not change them.
        self.rng = random.Random(f"{seed}/kills")
        self.corpus = Corpus(seed)
        self.index = directory / "index"
        self.base: dict[int, int] = {}
        self.counts: collections.Counter[str] = collections.Counter()
        # How the last run of a whole batch went, to spread kills over the time that one takes.
        self.ack_times_s: list[float] = []
        self.seconds = 0.0
        self.largest_bytes = 0

    def wrong(self, index: pathlib.Path, problems: dict[str, list[str]]) -> bool:
        """Counts and prints problems, if there are any, and keeps a copy of the index."""
        if not any(problems.values()):
            return False
        self.counts["wrong"] += 1
        kept = ""
        if index.exists() and self.counts["wrong"] <= MOST_COPIES:
            kept = f" (copied to problem-{self.counts['wrong']})"
            shutil.copytree(index, self.directory / f"problem-{self.counts['wrong']}")
        for kind, examples in problems.items():
            self.counts[kind] += len(examples)
            if examples:
                shown = "; ".join(examples[:5]) + ("; ..." if len(examples) > 5 else "")
                print(f"  WRONG, {kind}: {len(examples)}: {shown}{kept}", flush=True)
        return True

    def check(
        self, index: pathlib.Path, base: dict[int, int], batch: Batch, acknowledged: int
    ) -> tuple[dict[int, int], int]:
        """Reads the index and judges it; gives what it holds, and how many lines of the batch are in."""
        reading = read(self.program, self.corpus, index)
        judgement = judge(base, batch, acknowledged, reading)
        self.counts["checked"] += judgement.checked
        problems = {"unsound": reading.unsound, "twice": reading.twice}
        if reading.is_read:
            problems |= {"missing": judgement.missing, "went back": judgement.went_back}
            problems |= {"unwritten": reading.unwritten + judgement.unwritten, "torn": judgement.torn}
        if not self.wrong(index, problems):
            return reading.versions, judgement.found
        # The next checks are not to find the same again: the index is made anew as it should be.
        held = batch.after(base, acknowledged)
        shutil.rmtree(index, ignore_errors=True)
        if held:
            outcome = self.program.index(index, self.batch_of(held, "restored.jsonl"), None)
            if outcome.status != 0:
                sys.exit(f"a fresh index failed with status {outcome.status}: {outcome.errors}")
        return held, acknowledged

    def batch_of(self, state: dict[int, int], name: str) -> Batch:
        """A batch that makes an empty index hold `state`, in no particular order."""
        lines = list(state.items())
        random.Random(self.seed).shuffle(lines)
        path = self.directory / name
        path.write_text("".join(self.corpus.line(number, version) for number, version in lines))
        return Batch(path, lines, 100_000)

    def measure(self, batch: Batch) -> None:
        """Runs a batch into a throw-away copy of the index, to know how long its runs take."""
        scratch = self.directory / "scratch"
        if self.index.exists():
            shutil.copytree(self.index, scratch)
        outcome = self.program.index(scratch, batch, None)
        if outcome.status != 0:
            sys.exit(f"an undisturbed run failed with status {outcome.status}: {outcome.errors}")
        self.ack_times_s = outcome.ack_times_s
        self.seconds = outcome.seconds
        sizes = [file.stat().st_size for file in scratch.rglob("*") if file.is_file()]
        self.largest_bytes = max(sizes)
        shutil.rmtree(scratch)

    def trouble(self, done: float, born: bool) -> Kill | Limit | None:
        """What happens to the next run, of a batch that is in to the part `done`."""
        rng = self.rng
        start_s = self.ack_times_s[0]
        if self.disk_full:
            # Small ones stop the first metadata, the others a segment or a merge.
            if rng.random() < 0.25:
                return Limit(int(10 ** rng.uniform(0, 4)))
            return Limit(int(self.largest_bytes * 10 ** rng.uniform(-1.5, 0)))
        kind = rng.choices(
            ["any time", "start", "on commit", "after commit", "none"], [35, 35 if born else 12, 20, 20, 13]
        )[0]
        commits = rng.randint(1, max(1, round(len(self.ack_times_s) * (1 - done))))
        if kind == "any time":
            return Kill(0, rng.uniform(0, start_s + (self.seconds - start_s) * (1 - done)))
        if kind == "start":
            return Kill(0, rng.uniform(0, 0.6 * start_s))
        if kind == "on commit":
            return Kill(commits, 0)
        if kind == "after commit":
            # Up to the next commit, or to the end, where files are removed and merged.
            times = [*self.ack_times_s, self.seconds + 0.01]
            return Kill(commits, rng.uniform(0, times[commits] - times[commits - 1]))
        return None

    def ordeal(self, index: pathlib.Path, base: dict[int, int], batch: Batch) -> tuple[dict[int, int], str]:
        """Runs a batch until it is in; gives what the index then holds, and what happened."""
        story = []
        found, times = 0, 0
        # A disk may be full after a crash, too, and both leave files behind.
        is_crashed_first = self.disk_full and self.rng.random() < 0.25
        while True:
            trouble: Kill | Limit | None = None
            if is_crashed_first:
                is_crashed_first = False
                trouble = Kill(0, self.rng.uniform(0, self.seconds))
            elif times < MOST_TROUBLES and (times == 0 or self.rng.random() < 0.35):
                trouble = self.trouble(found / len(batch.lines), not base)
                times += 1
            outcome = self.program.index(index, batch, trouble)
            self.counts["runs"] += 1
            milliseconds = round(outcome.seconds * 1000)
            if outcome.hung:
                self.wrong(index, {"failed": [f"hung for {HANG_S} s"]})
            elif outcome.was_killed:
                self.counts["kills"] += 1
                self.counts["kills before first commit"] += outcome.commits == 0
            elif isinstance(trouble, Limit) and outcome.status != 0:
                self.counts["hit"] += 1
                self.counts["hit after a commit"] += outcome.commits > 0
                self.counts["cause named"] += "too large" in "".join(outcome.errors).lower()
                well = outcome.status == 6 and len(outcome.errors) == 1
                if not (well and outcome.errors[0].startswith("error: ")):
                    what = f"limit {trouble.file_bytes}: status {outcome.status}: {outcome.errors}"
                    self.wrong(index, {"bad errors": [what]})
            elif outcome.status != 0 or outcome.errors or outcome.acknowledged != len(batch.lines):
                what = f"status {outcome.status}, {outcome.acknowledged} acknowledged: {outcome.errors}"
                self.wrong(index, {"failed": [what]})
            before = found
            base, there = self.check(index, base, batch, outcome.acknowledged)
            found = max(before, there)
            held = f"{outcome.acknowledged} acknowledged"
            if there > outcome.acknowledged:
                held += f", {there} found"
                self.counts["killed between commit and its line"] += outcome.was_killed
            if outcome.hung:
                story.append(f"hung ({held})")
                return base, ", ".join(story)
            if outcome.was_killed:
                story.append(f"killed at {milliseconds} ms ({held})")
            elif outcome.status != 0 and isinstance(trouble, Limit):
                story.append(f"full at {trouble.file_bytes} bytes ({held})")
            elif outcome.status != 0:
                story.append(f"failed ({held})")
                return base, ", ".join(story)
            elif isinstance(trouble, Limit):
                self.counts["fitted"] += 1
                times = MOST_TROUBLES
                story.append(f"fitted into {trouble.file_bytes} bytes")
            else:
                story.append(f"finished in {milliseconds} ms")
            if outcome.status == 0 and (trouble is None or not self.disk_full):
                return base, ", ".join(story)

    def cycle(self, number: int) -> None:
        rng = random.Random(f"{self.seed}/batch {number}")
        batch = make_batch(self.corpus, self.directory / f"batch-{number}.jsonl", rng, self.disk_full)
        self.measure(batch)
        born = ""
        if self.rng.random() < 0.25:
            newborn = self.directory / "newborn"
            _, story = self.ordeal(newborn, {}, batch)
            born = f"; born: {story}"
            shutil.rmtree(newborn, ignore_errors=True)
        self.base, story = self.ordeal(self.index, self.base, batch)
        self.counts["cycles"] += 1
        lines, articles = len(batch.lines), len(self.base)
        print(f"cycle {number}: {lines} lines, {story}{born}; {articles} articles", flush=True)

    def compare(self) -> None:
        """Indexes the final state afresh, in another order, and compares digests."""
        fresh = self.directory / "fresh"
        batch = self.batch_of(self.corpus.latest, "final.jsonl")
        outcome = self.program.index(fresh, batch, None)
        if outcome.status != 0:
            self.wrong(fresh, {"failed": [f"fresh index: status {outcome.status}: {outcome.errors}"]})
        self.check(fresh, {}, batch, len(batch.lines))
        digests = [read(self.program, self.corpus, index).digest for index in (self.index, fresh)]
        same = "the same" if digests[0] == digests[1] else "DIFFERENT"
        print(f"final: {len(batch.lines)} articles, digest {digests[0]}, fresh index {digests[1]}: {same}")
        if digests[0] != digests[1]:
            self.wrong(self.index, {"digest": [" and ".join(digests)]})

    def summary(self, seed: int) -> str:
        counts = self.counts
        lost = counts["missing"] + counts["went back"]
        parts = [f"{counts['cycles']} cycles, {counts['runs']} runs"]
        parts.append(
            f"{counts['kills']} kills, {counts['kills before first commit']} of them before the run's first "
            f"commit and {counts['killed between commit and its line']} between a commit and its line"
        )
        if self.disk_full:
            parts.append(
                f"{counts['hit']} runs hit the limit, {counts['hit after a commit']} of them after a commit, "
                f"{counts['cause named']} named the cause; {counts['fitted']} fitted; "
                f"{counts['bad errors']} wrong status or message"
            )
        parts.append(
            f"{counts['checked']} acknowledged articles checked: {lost} lost ({counts['missing']} missing, "
            f"{counts['went back']} went back), {counts['twice']} duplicates, {counts['unwritten']} never "
            f"written, {counts['torn']} torn, {counts['unsound']} unsound"
        )
        digest = "different" if counts["digest"] else "equal"
        parts.append(f"{counts['failed']} failed next runs, digests {digest}, seed {seed}")
        return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--binary", type=pathlib.Path, default="target/release/dateline")
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--disk-full", action="store_true", help="let writes fail instead of killing")
    args = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="dateline-crash-"))
    trial = Trial(Program(args.binary.resolve()), directory, args.seed, args.disk_full)
    for number in range(1, args.cycles + 1):
        trial.cycle(number)
    trial.compare()
    print(trial.summary(args.seed))
    if trial.counts["wrong"]:
        print(f"FAILED; everything is kept in {directory}")
        return 1
    shutil.rmtree(directory)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
