"""Submission by the job service's real client, against a server on the loopback that has the service's fields and states."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path

import pytest
from stock_networks import taught
from typer.testing import CliRunner

from elise_pynn import ParameterError
from elise_pynn.cli import app
from elise_pynn.export import submission
from elise_pynn.export.bundle import read_bundle, write_bundle
from elise_pynn.export.finding import Finding
from elise_pynn.export.submission import TOKEN, Jobs, job_of


def flat(done):
    """The output in one line."""
    return " ".join(done.output.split())


class Service:
    """What the job queue answers, and what it was sent."""

    def __init__(self):
        self.jobs, self.states, self.authorised = [], ["submitted", "running", "running", "finished"], "Bearer secret-token"
        self.refusal, self.slow, self.log = None, threading.Event(), "it played"
        self.stalls = False
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, code, value):
                body = json.dumps(value).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if service.stalls:
                    service.slow.wait(20)
                    return
                if self.headers["Authorization"] != service.authorised:
                    self.answer(401, {"error": "invalid_token", "detail": "invalid_token"})
                elif self.path.startswith("/userinfo"):
                    self.answer(200, {"sub": "1", "preferred_username": "somebody"})
                elif self.path.startswith("/jobs/7"):
                    state = service.states.pop(0) if len(service.states) > 1 else service.states[0]
                    self.answer(200, {"id": 7, "status": state, "log": service.log, "resource_uri": "/jobs/7"})
                else:
                    self.answer(404, {"detail": "no such thing"})

            def do_POST(self):
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if service.refusal:
                    self.answer(*service.refusal)
                    return
                service.jobs.append(sent)
                self.answer(201, {"id": 7, "resource_uri": "/jobs/7", "status": "submitted"})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.slow.set()
        self.server.shutdown()


@pytest.fixture
def service():
    running = Service()
    yield running
    running.close()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_bundle("demo", taught(), [Finding("cells", "threshold", "threshold", True)], tmp_path_factory.mktemp("b") / "bundle")


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv(TOKEN, "secret-token")
    monkeypatch.setattr(submission, "ASKED_EVERY", 0.01)
    yield
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and b"secret-token" in path.read_bytes()]
    assert not kept and not Path(tmp_path / "home" / ".hbptoken").exists()


def submit(bundle, service, *more):
    """`elise submit` in this process."""
    where = ["--job-service", service.address, "--user-info", f"{service.address}/userinfo"]
    return CliRunner().invoke(app, ["submit", str(bundle), "--collab", "my-collab", *where, *more])


def test_a_job_is_sent_with_the_services_fields(bundle, service):
    done = submit(bundle, service, "--tag", "elise", "--tag", "replay", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.splitlines()[-1])["job"] == "/jobs/7"
    (job,) = service.jobs
    assert job == {
        "code": (bundle / "run.py").read_text(),
        "command": "run.py nest",
        "collab": "my-collab",
        "hardware_platform": "Demo",
        "hardware_config": {},
        "tags": ["elise", "replay"],
    }
    assert job == job_of(read_bundle(bundle), "my-collab", ("elise", "replay"))


def test_a_dry_run_sends_nothing_and_needs_no_token(bundle, service, monkeypatch):
    monkeypatch.delenv(TOKEN)
    done = submit(bundle, service, "--dry-run", "--json")
    assert done.exit_code == 0 and service.jobs == []
    said = json.loads(done.stdout)
    assert said["hardware_platform"] == "Demo" and said["code_bytes"] == (bundle / "run.py").stat().st_size


def test_waiting_tells_each_state_and_the_log(bundle, service):
    told = []
    jobs = Jobs(service.address, f"{service.address}/userinfo")
    job = jobs.submit(read_bundle(bundle), "my-collab")
    ended = jobs.wait(job, told.append, every=0.01)
    assert told == ["submitted", "running", "finished"] and ended["log"] == "it played"


def test_words_in_brackets_are_shown_as_they_are(bundle, service):
    service.states, service.log = ["finished"], "[/home/x/run.log] [sim] ok"
    done = submit(bundle, service, "--wait", "--tag", "[/b]x")
    assert done.exit_code == 0 and "[/home/x/run.log] [sim] ok" in done.output and "[/b]x" in done.output


def test_waiting_bears_a_few_failures_and_tells_the_job_when_it_gives_up(bundle, service, monkeypatch):
    jobs = Jobs(service.address, f"{service.address}/userinfo")
    failures = iter([Exception("Error 502: bad gateway")] * 3)
    status = jobs._client.job_status

    def flaky(job):
        for failure in failures:
            raise failure
        return status(job)

    monkeypatch.setattr(jobs._client, "job_status", flaky)
    assert jobs.wait("/jobs/7", lambda state: None, every=0.01)["status"] in ("submitted", "running", "finished")
    failures = iter([Exception("Error 502: bad gateway")] * 100)
    with pytest.raises(ParameterError, match="job /jobs/7 was submitted all the same"):
        jobs.wait("/jobs/7", lambda state: None, every=0.01)


def test_a_failed_job_is_exit_code_1(bundle, service):
    service.states, service.log = ["submitted", "error"], "no board left"
    done = submit(bundle, service, "--wait", "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["status"] == "error" and said["log"] == "no board left"


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((403, {"detail": "No active quota for this collab"}), "quota"),
        ((500, {"detail": "database is down"}), "database is down"),
        ((422, {"detail": [{"loc": ["tags"], "msg": "too short"}]}), "too short"),
    ],
)
def test_refusals_are_one_message(bundle, service, refusal, said):
    service.refusal = refusal
    done = submit(bundle, service)
    assert done.exit_code == 2 and said in flat(done) and "Traceback" not in done.output


def test_a_refused_token_asks_for_no_password(bundle, service, monkeypatch):
    monkeypatch.setenv(TOKEN, "old-token")
    done = submit(bundle, service)
    assert done.exit_code == 2 and "refused" in done.output and service.jobs == []


def test_without_a_token_nothing_is_asked(bundle, service, monkeypatch):
    monkeypatch.delenv(TOKEN)
    done = submit(bundle, service)
    assert done.exit_code == 2 and TOKEN in done.output


def test_a_service_that_is_down_or_slow(bundle, service, monkeypatch):
    monkeypatch.setattr(submission, "PATIENCE", 0.3)
    service.stalls = True
    with pytest.raises(ParameterError, match=r"has not answered for 0\.3 s"):
        Jobs(service.address, f"{service.address}/userinfo")
    service.slow.set()
    service.server.shutdown()
    service.server.server_close()
    with pytest.raises(ParameterError, match="cannot be reached"):
        Jobs(service.address, f"{service.address}/userinfo")


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--collab", "no/such collab"], "collab"), (["--tag", "x"], "2 to 100"), (["--tag", "x" * 101], "2 to 100")],
)
def test_what_the_service_would_refuse_is_not_sent(bundle, service, more, said):
    done = submit(bundle, service, *more)
    assert done.exit_code == 2 and said in flat(done) and service.jobs == []


def test_folders_that_hold_no_bundle(tmp_path, bundle, service):
    (tmp_path / "odd").mkdir()
    assert "no bundle" in submit(tmp_path / "odd", service).output
    for name, text in (
        ("bundle.json", "{}"),
        ("config.json", "["),
        ("config.json", '{"a": NaN}'),
        ("config.json", "[" * 100_000),
        ("run.py", b"\xff\xfe"),
    ):
        damaged = tmp_path / f"damaged-{name}-{len(text)}"
        damaged.mkdir()
        for path in bundle.iterdir():
            (damaged / path.name).write_bytes(path.read_bytes())
        (damaged / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        done = submit(damaged, service)
        assert done.exit_code == 2 and "damaged" in done.output
