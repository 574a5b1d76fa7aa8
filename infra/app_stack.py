"""What can be thrown away and made again: functions, queues, rules, state machine, API."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra import names
from infra.constructs import queues
from infra.constructs.access import Access
from infra.constructs.api import HttpDoor
from infra.constructs.code import Layers
from infra.constructs.functions import Function
from infra.constructs.intake import Arrivals, Every, feed
from infra.constructs.watch import Watch
from infra.constructs.workflow import BadEnds, FilmMachine
from infra.entries import ENTRIES, Entry
from infra.stages import StageSpec
from infra.wheels import SPEECH
from reelsmith.settings import Settings
from reelsmith.workflow.definition import FINALIZE, FUNCTIONS, RENDER_SCENE, RENDER_SCENE_LARGE

_AGAIN = 2  # one order at a time is read, so a small margin over the reader's time will do
_FETCH_LATE_S = 3 * 3600  # slow hosts of callers are no reason to wake anybody
_BATCH = 5  # a batch of the largest files still fits into the intake function's time


class AppStack(Stack):
    """Everything of one stage that keeps nothing."""

    def __init__(self, scope: Construct, *, spec: StageSpec, **stack: object) -> None:
        super().__init__(
            scope,
            names.app_stack(spec.name),
            description=f"Reelsmith {spec.name}: functions, workflow and API",
            **stack,
        )
        self._spec = spec
        self.intake = self._queue("IntakeQueue", ENTRIES["intake"])
        self.wake = self._queue("WakeQueue", ENTRIES["dispatch"])
        self.fetch = self._queue(
            "FetchQueue", ENTRIES["fetch"], visibility=_AGAIN, late_s=_FETCH_LATE_S
        )
        self.courier = self._queue("CourierQueue", ENTRIES["courier"])
        self.letters = self._queue("LetterQueue", ENTRIES["deliver"])
        self.lost = queues.failures(self, "Lost", spec=spec)
        self.access = Access(
            self,
            spec=spec,
            wake_queue=self.wake.queue,
            fetch_queue=self.fetch.queue,
            courier_queue=self.courier.queue,
            letter_queue=self.letters.queue,
        )
        self.functions = self._functions()
        self.film = FilmMachine(
            self,
            "Film",
            spec=spec,
            name=self.access.machine_name,
            tasks={name: self.functions[name] for name in FUNCTIONS},
            access=self.access,
        )
        self._wire_events()
        self.door = HttpDoor(
            self,
            "Door",
            spec=spec,
            api=self.functions["api"],
            login=self.functions["login"],
            authorizer=self.functions["authorize"],
        )
        Watch(
            self,
            "Watch",
            spec=spec,
            http=self.door.http,
            machine=self.film.machine,
            queues={
                "Intake": self.intake,
                "Wake": self.wake,
                "Fetch": self.fetch,
                "Courier": self.courier,
                "Letters": self.letters,
            },
            lost=self.lost,
        )
        self._tell()

    def _queue(self, construct_id: str, reader: Entry, **more: int) -> queues.WorkQueue:
        return queues.WorkQueue(
            self, construct_id, spec=self._spec, timeout_s=reader.timeout_s, **more
        )

    def _functions(self) -> dict[str, Function]:
        layers = Layers(self, "Layers", spec=self._spec)
        sized = {
            RENDER_SCENE: self._spec.render_memory_mb,
            RENDER_SCENE_LARGE: self._spec.render_large_memory_mb,
        }
        reserved = {"login": self._spec.login_concurrency}
        called_by_events = {FINALIZE, "courier", "housekeeping", "seal"}
        return {
            name: Function(
                self,
                entry,
                spec=self._spec,
                layers=layers,
                environment=self._settings(entry).to_env(),
                access=self.access.of(entry),
                memory_mb=sized.get(name, entry.memory_mb),
                reserved=reserved.get(name, 0),
                failures=self.lost if name in called_by_events else None,
            )
            for name, entry in ENTRIES.items()
        }

    def _settings(self, entry: Entry) -> Settings:
        """What this function is told; names that only exist after deployment are tokens."""
        return Settings.model_construct(
            stage=self._spec.name,
            table=self.access.table_name,
            bucket=self.access.bucket_name,
            pepper_parameter=self.access.pepper_parameter if entry.pepper else "",
            state_machine_arn=self.access.machine_arn if entry.runs else "",
            wake_queue_url=self.wake.queue.queue_url if entry.wakes else "",
            fetch_queue_url=self._errands(entry),
            courier_queue_url=self.courier.queue.queue_url if entry.calls else "",
            letter_queue_url=self.letters.queue.queue_url if entry.sends else "",
            audit_bucket=self.access.vault_name if entry.seals else "",
            polly=self._spec.polly if SPEECH in entry.wheels else "",
            auth=self._spec.auth,
            max_running=self._spec.max_running,
            tenant_max_running=self._spec.tenant_max_running,
            account_concurrency=self._spec.account_concurrency,
            scene_concurrency=self._spec.scene_concurrency,
            render_memory_mb=self._spec.render_memory_mb,
            render_temp_mb=ENTRIES[RENDER_SCENE].tmp_mb,
        )

    def _errands(self, entry: Entry) -> str:
        """The queue where an entry orders, or reads and puts off what has to wait."""
        if entry.name == "intake":
            return self.intake.queue.queue_url
        return self.fetch.queue.queue_url if entry.orders or entry.name == "fetch" else ""

    def _wire_events(self) -> None:
        Arrivals(
            self,
            "Arrivals",
            bucket_name=self.access.bucket_name,
            queue=self.intake.queue,
            failures=self.lost,
        )
        feed(
            self.functions["intake"],
            self.intake.queue,
            batch=_BATCH,
            concurrency=self._spec.intake_concurrency,
        )
        feed(
            self.functions["fetch"],
            self.fetch.queue,
            batch=1,
            concurrency=self._spec.fetch_concurrency,
        )
        feed(self.functions["dispatch"], self.wake.queue, batch=10, concurrency=2)
        feed(self.functions["courier"], self.courier.queue, batch=10, concurrency=2)
        feed(
            self.functions["deliver"],
            self.letters.queue,
            batch=1,
            concurrency=self._spec.fetch_concurrency,
        )
        Every(self, "PostEachMinute", minutes=1, function=self.functions["courier"])
        Every(self, "EachMinute", minutes=1, function=self.functions["housekeeping"])
        Every(self, "EachQuarter", minutes=15, function=self.functions["seal"])
        BadEnds(
            self,
            "BadEnds",
            machine_arn=self.access.machine_arn,
            function=self.functions[FINALIZE],
            failures=self.lost,
        )

    def _tell(self) -> None:
        told = {
            "ApiUrl": self.door.url,
            "ApiId": self.door.http.api_id,
            "BucketName": self.access.bucket_name,
            "TableName": self.access.table_name,
            "StateMachineArn": self.film.machine.state_machine_arn,
            "WakeQueueUrl": self.wake.queue.queue_url,
            "IntakeQueueUrl": self.intake.queue.queue_url,
        }
        for name, value in told.items():
            CfnOutput(self, name, value=value)
