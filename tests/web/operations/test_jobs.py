"""Jobs: when each is due, that a slot runs once whatever happens, and that a run that failed is seen."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest


@pytest.fixture(scope="module")
def jobs():
    """The modules under test: they can be imported once Django is set up."""
    from django.utils import timezone

    from claimwright.web.core.models import Tenant, WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations import job_runs, job_table
    from claimwright.web.operations.models import JobRun, JobSchedule

    return SimpleNamespace(
        timezone=timezone, Tenant=Tenant, WorkItem=WorkItem, tenant_scope=tenant_scope, job_runs=job_runs,
        job_table=job_table, JobRun=JobRun, JobSchedule=JobSchedule,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cron", "at", "slot"),
    [
        ("0 20 * * *", "2026-09-30T23:59", "2026-09-29T20:00"),  # 19:59 in New York
        ("0 20 * * *", "2026-10-01T00:00", "2026-09-30T20:00"),
        ("0 20 * * 1-5", "2026-10-05T12:00", "2026-10-02T20:00"),  # Monday morning: Friday's
        ("*/15 * * * *", "2026-09-30T12:14", "2026-09-30T08:00"),
        ("*/15 * * * *", "2026-09-30T12:15", "2026-09-30T08:15"),
        ("30 2 * * *", "2026-03-08T12:00", "2026-03-08T02:30"),  # an hour that does not exist: it runs all the same
        ("30 1 * * *", "2026-11-01T05:45", "2026-11-01T01:30"),  # the first of two
        ("30 1 * * *", "2026-11-01T06:45", "2026-11-01T01:30"),  # the second is no other slot
    ],
)
def test_the_slot_of_a_moment(jobs, cron, at, slot):
    found = jobs.job_runs.latest_slot(cron, "America/New_York", datetime.fromisoformat(at).replace(tzinfo=UTC))
    wall = found.astimezone(ZoneInfo("America/New_York"))
    assert found.tzinfo is UTC
    if "03-08" in slot:  # 02:30 of that day is 03:30 on the wall
        assert wall.strftime("%Y-%m-%dT%H:%M") == "2026-03-08T03:30"
    else:
        assert wall.strftime("%Y-%m-%dT%H:%M") == slot
    assert found <= datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.fixture
def office(database, jobs, monkeypatch):
    """A tenant on today's calendar whose only jobs are two of the test's."""
    done = []
    broken = []

    def count(tenant):
        done.append(tenant.slug)
        return {"counted": len(done)}

    def fail(tenant):
        broken.append(1)
        raise ValueError("Jane Sample could not be read")

    table = (
        jobs.job_table.Job("count", "Count", "*/15 * * * *", count),
        jobs.job_table.Job("fail", "Fail", "0 3 * * *", fail),
    )
    for module in (jobs.job_runs, jobs.job_table):
        monkeypatch.setattr(module, "JOBS", table)
        monkeypatch.setattr(module, "BY_NAME", {job.name: job for job in table})
    tenant = jobs.Tenant.objects.create(slug="jobs", name="Jobs", time_zone="America/New_York")
    rehearsal = jobs.Tenant.objects.create(slug="rehearsal", name="Rehearsal", fixed_date=datetime(2026, 1, 5).date())
    with jobs.tenant_scope(tenant):
        jobs.job_runs.schedules()
        jobs.JobSchedule.objects.update(since=datetime(2026, 9, 29, tzinfo=UTC))
    tenant.done, tenant.broken, tenant.rehearsal = done, broken, rehearsal
    return tenant


def work():
    """The queue's own worker, until no run is left; the clock of the day stays out of it."""
    from claimwright.web.operations.tasks import work as worker

    worker(until_stopped=False, clock=False)


def test_a_slot_runs_once_and_is_seen(jobs, office):
    at = datetime(2026, 9, 30, 12, 20, tzinfo=UTC)
    assert jobs.job_runs.queue_due(at=at) == 2
    assert jobs.job_runs.queue_due(at=at) == jobs.job_runs.queue_due(at=at + timedelta(minutes=5)) == 0
    threads = [
        threading.Thread(
            target=_queue,
            args=(
                jobs,
                at + timedelta(minutes=10),
            ),
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with jobs.tenant_scope(office):
        assert jobs.JobRun.objects.filter(job="count").count() == 2
        assert jobs.JobRun.objects.filter(job="fail").count() == 1
    with jobs.tenant_scope(office.rehearsal):
        assert not jobs.JobRun.objects.exists()
    work()
    assert office.done == ["jobs", "jobs"]
    assert set(entries().values_list("status", flat=True)) <= {"failed", "todo"}  # what ran through leaves no entry
    with jobs.tenant_scope(office):
        runs = list(jobs.JobRun.objects.filter(job="count").order_by("slot"))
        assert [run.state for run in runs] == ["done", "done"]
        assert [run.counts for run in runs] == [{"counted": 1}, {"counted": 2}]
        run = jobs.JobRun.objects.get(job="fail")
        assert run.state == "failed" and run.problem.startswith("ValueError in ")
    jobs.job_runs.carry_out_run(tenant=office, run_id=runs[0].pk)  # the queue delivers a second time: nothing happens
    assert len(office.done) == 2


def entries():
    from procrastinate.contrib.django.models import ProcrastinateJob

    return ProcrastinateJob.objects


def ask(task):
    """Let the queue's worker do one of what it does by itself."""
    from procrastinate.contrib.django import app

    task.configure(queue="asked").defer(timestamp=0)
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(queues=["asked"], wait=False, listen_notify=False, install_signal_handlers=False)


def test_what_ended_long_ago_is_forgotten_but_no_slot_can_come_again(jobs, office):
    from django.db import connections

    from claimwright.web.operations import tasks

    at = datetime(2026, 9, 30, 12, 20, tzinfo=UTC)
    for minutes in (0, 15, 30):
        jobs.job_runs.queue_due(at=at + timedelta(minutes=minutes))
    work()
    with jobs.tenant_scope(office):
        jobs.JobRun.objects.filter(job="fail").update(state="failed")
        jobs.JobRun.objects.update(ended_at=jobs.timezone.now() - timedelta(days=91))
        assert jobs.JobRun.objects.count() == 4
    assert tasks.forget_old_runs(timestamp=0) == 2 and tasks.forget_old_runs(timestamp=0) == 0
    assert jobs.job_runs.queue_due(at=at + timedelta(minutes=30)) == 0
    with jobs.tenant_scope(office):
        assert sorted(jobs.JobRun.objects.values_list("job", "state")) == [("count", "done"), ("fail", "failed")]
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name LIKE '%carry_out'")
    ask(tasks.forget_old_entries)
    assert entries().filter(task_name__endswith="carry_out").count() == 1  # not old enough
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '31 days'")
    ask(tasks.forget_old_entries)
    assert not entries().filter(task_name__endswith="carry_out").exists()


def test_what_a_dead_worker_held_is_taken_up_or_let_go(jobs, office):
    """A run is queued again; what comes each minute anyway must not keep the next one waiting behind its lock."""
    from django.db import connections

    from claimwright.web.api.tasks import deliver_webhooks
    from claimwright.web.operations.tasks import take_up_what_was_cut_off

    with jobs.tenant_scope(office):
        jobs.job_runs.run_now(tenant=office, job="count")
    deliver_webhooks.defer(timestamp=0)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")  # by a worker that is no more
    deliver_webhooks.defer(timestamp=60)
    ask(take_up_what_was_cut_off)
    found = [
        (name.rpartition(".")[2], status)
        for name, status in entries().order_by("pk").values_list("task_name", "status")
    ]
    assert [one for one in found if one[0] in ("carry_out", "deliver_webhooks")] == [
        ("carry_out", "todo"), ("deliver_webhooks", "failed"), ("deliver_webhooks", "todo"),
    ]  # fmt: skip


def _queue(jobs, at):
    from django.db import connections

    jobs.job_runs.queue_due(at=at)
    connections.close_all()


def test_what_fails_three_times_is_on_the_worklist_and_leaves_it_when_it_runs(jobs, office, monkeypatch):
    with jobs.tenant_scope(office):
        run = jobs.job_runs.run_now(tenant=office, job="fail")
    for number in range(1, 4):
        with pytest.raises(ValueError):
            jobs.job_runs.carry_out_run(tenant=office, run_id=run.pk)
        with jobs.tenant_scope(office):
            assert jobs.WorkItem.objects.filter(worklist="failed_jobs", state="open").count() == (number == 3)
    with jobs.tenant_scope(office):
        item = jobs.WorkItem.objects.get(worklist="failed_jobs")
        assert "Sample" not in item.reason + jobs.JobRun.objects.get().problem
        jobs.job_runs.run_again(run=jobs.JobRun.objects.get())
    monkeypatch.setitem(
        jobs.job_runs.BY_NAME, "fail", jobs.job_table.Job("fail", "Fail", "0 3 * * *", lambda tenant: {})
    )
    work()
    with jobs.tenant_scope(office):
        item.refresh_from_db()
        assert (jobs.JobRun.objects.get().state, item.state) == ("done", "done")
        assert jobs.JobRun.objects.get().attempts == 4


def test_a_run_that_was_cut_off_is_taken_up(jobs, office):
    """The worker died in the middle: the run stands as running, and running it again ends it."""
    with jobs.tenant_scope(office):
        run = jobs.job_runs.run_now(tenant=office, job="count")
        jobs.JobRun.objects.filter(pk=run.pk).update(state="running", attempts=1, started_at=jobs.timezone.now())
    jobs.job_runs.carry_out_run(tenant=office, run_id=run.pk)
    with jobs.tenant_scope(office):
        run = jobs.JobRun.objects.get()
        assert (run.state, run.attempts) == ("done", 2)


def test_a_schedule_that_is_none_is_refused(jobs, office):
    with jobs.tenant_scope(office):
        for wrong in ("", "0 20 * *", "61 * * * *", "tomorrow", "* * * * * *"):
            with pytest.raises(jobs.job_runs.RefusedSchedule, match="five fields"):
                jobs.job_runs.change_schedule(job="count", cron=wrong, enabled=True)
        with pytest.raises(jobs.job_runs.RefusedSchedule, match="there are: count, fail"):
            jobs.job_runs.run_now(tenant=office, job="nothing")
        jobs.job_runs.change_schedule(job="count", cron="0  6 * * 1", enabled=False)
        assert jobs.JobSchedule.objects.get(job="count").cron == "0 6 * * 1"
    assert jobs.job_runs.queue_due(at=jobs.timezone.now() + timedelta(days=9)) == 1  # the other


def test_every_job_of_the_table_can_run_in_an_empty_office(jobs, tenant):
    for job in jobs.job_table.JOBS:
        if job.name != "prove_the_books":  # a process of its own: tried by the verb
            assert isinstance(job.run(tenant), dict)
    assert jobs.job_runs.latest_slot(jobs.job_table.JOBS[0].cron, tenant.time_zone, jobs.timezone.now())


def test_a_person_limited_to_a_practice_asks_for_a_job_like_anybody(jobs, tenant):
    from tests.lib.web_data import a_practice

    with jobs.tenant_scope(tenant):
        practice = a_practice()
    with jobs.tenant_scope(tenant, practices=[practice.pk]):
        run = jobs.job_runs.ask(tenant=tenant, job="send_claims", about={"versions": ["1"]})
        again = jobs.job_runs.ask(tenant=tenant, job="send_claims", about={"versions": ["1"]})
        assert run.pk == again.pk
        assert not jobs.JobRun.objects.exists()  # the office's runs are not for this person to read
    with jobs.tenant_scope(tenant):
        assert jobs.JobRun.objects.get().asked_by == run.asked_by
