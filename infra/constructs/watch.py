"""What to look at, and what to be told of: a dashboard, and alarms where the stage wants them."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.queues import WorkQueue
from infra.stages import StageSpec
from reelsmith.domain.suspicions import Rule
from reelsmith.telemetry import NAMESPACE
from reelsmith.workflow.definition import STEPS

_STUCK_S = 900
_LATE_ERASURE_S = 3600
_FIVE_MINUTES = Duration.minutes(5)


class Watch(Construct):
    """Eyes on one stage. `queues` are those that functions read, by what they bring."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: StageSpec,
        http: apigateway.HttpApi,
        machine: sfn.StateMachine,
        queues: Mapping[str, WorkQueue],
        lost: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage = spec.name
        self._http = http
        self._machine = machine
        self._queues = queues
        self._failures = {"Lost": lost, **{name: work.failures for name, work in queues.items()}}
        cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=f"reelsmith-{spec.name}", widgets=self._rows()
        )
        if spec.alarms:
            self._alarms()

    def _rows(self) -> list[list[cloudwatch.IWidget]]:
        return [
            [
                _graph("Jobs ended", self._ours("Jobs", outcome=("completed", "failed"))),
                _graph(
                    "Jobs waiting and running",
                    self._ours("QueueDepth"),
                    self._ours("QueueAgeSeconds"),
                    self._ours("Running"),
                ),
                _graph("Mended by the sweep", self._ours("SweeperRepairs")),
            ],
            [
                _graph("Seconds per task", self._ours("TaskSeconds", task=STEPS)),
                _graph("Seconds of film made", self._ours("OutputSeconds")),
                _graph("Time to make a second of film", self._ours("RealtimeFactor")),
            ],
            [
                _graph(
                    "Scenes found, made and mended",
                    self._ours("CacheHits"),
                    self._ours("CacheMisses"),
                    self._ours("CacheRepairs"),
                ),
                _graph("API", [self._http.metric_count()], self._api_faults()),
                _graph("API latency", [self._http.metric_latency(statistic="p95")]),
            ],
            [
                _graph("Processor seconds of rendering", self._ours("RenderCpuSeconds")),
                _graph(
                    "Most memory and temp space of a task",
                    self._ours("PeakMemoryMb"),
                    self._ours("TmpMb"),
                ),
                _graph("Tasks that took more than foreseen", self._ours("PromisesExceeded")),
            ],
            [
                _graph(
                    "Suspicious activity",
                    self._ours("SuspiciousActivity", rule=[str(rule) for rule in Rule]),
                ),
                _graph("Journal entries sealed", self._ours("EntriesSealed")),
            ],
            [
                _graph("Events", self._ours("EventsPublished")),
                _graph(
                    "Deliveries to webhooks",
                    self._ours("Deliveries", outcome=("arrived", "failed")),
                ),
                _graph("Webhooks switched off", self._ours("WebhooksDisabled")),
            ],
            [
                _graph("Failed for good", [_messages(q) for q in self._failures.values()]),
                _graph("Oldest message", [_age(work) for work in self._queues.values()]),
                _graph("Runs", [self._machine.metric_started(), self._machine.metric_failed()]),
            ],
        ]

    def _alarms(self) -> None:
        self._alarm("ApiFaults", self._api_faults()[0], above=5, why="the API answers 5xx")
        self._alarm(
            "FailedRuns",
            self._machine.metric_failed(period=_FIVE_MINUTES),
            above=3,
            why="runs fail one after the other",
        )
        self._alarm(
            "StuckJobs",
            *self._ours("SweeperRepairs"),
            above=0,
            why="the sweep found jobs that nothing was working on",
        )
        self._alarm(
            "ErasuresWait",
            *self._ours("ErasureAgeSeconds"),
            above=_LATE_ERASURE_S,
            why="something is being erased for more than an hour",
        )
        self._alarm(
            "JobsWait",
            *self._ours("QueueAgeSeconds"),
            above=_STUCK_S,
            why="the oldest queued job has waited for a quarter of an hour",
        )
        self._alarm(
            "SuspiciousActivity",
            *self._ours("SuspiciousActivity"),
            above=0,
            why="somebody behaves oddly; the journal says who, by `security.*`",
        )
        for name, work in self._queues.items():
            self._alarm(f"{name}Age", _age(work), above=work.late_s, why=f"{name} is not read")
        for name, queue in self._failures.items():
            self._alarm(
                f"{name}Failures",
                _messages(queue),
                above=0,
                why=f"events of {name} could not be handled in any try",
            )

    def _alarm(self, name: str, metric: cloudwatch.IMetric, *, above: float, why: str) -> None:
        cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=above,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"Reelsmith {self._stage}: {why}",
        )

    def _api_faults(self) -> list[cloudwatch.IMetric]:
        return [self._http.metric_server_error(period=_FIVE_MINUTES, statistic="Sum")]

    def _ours(self, name: str, **split: Sequence[str]) -> list[cloudwatch.IMetric]:
        """A metric that our functions emit, once for each value of its dimension."""
        splits = [{key: one} for key, values in split.items() for one in values] or [{}]
        levels = name.endswith(("Depth", "AgeSeconds", "Running", "Mb"))
        typical = name.endswith(("TaskSeconds", "Factor"))
        statistic = "Maximum" if levels else "p90" if typical else "Sum"
        return [
            cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name=name,
                dimensions_map={"stage": self._stage, **one},
                statistic=statistic,
                period=_FIVE_MINUTES,
            )
            for one in splits
        ]


def _graph(title: str, *metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title, width=8, left=[metric for some in metrics for metric in some]
    )


def _messages(queue: sqs.IQueue) -> cloudwatch.IMetric:
    return queue.metric_approximate_number_of_messages_visible(
        period=_FIVE_MINUTES, statistic="Maximum"
    )


def _age(work: WorkQueue) -> cloudwatch.IMetric:
    return work.queue.metric_approximate_age_of_oldest_message(
        period=_FIVE_MINUTES, statistic="Maximum"
    )
