"""Every bound of the program, each with its reason."""

MAX_STEPS = 8  # a longer pipeline cannot be read on a projector, and no paper has one
MAX_SEED = 2**31 - 1  # what numpy, torch and Python all accept as a seed
MAX_EPOCHS = 20  # more overfits every GLUE task, and a typing error would hold a worker for days
MIN_TRAIN_EXAMPLES = 8  # fewer do not fill one batch
MAX_PIPELINE_TEXT = 2_000  # characters of a pipeline as text or JSON; the longest legal one has ~800

MAX_RECORD_BYTES = 4 * 1024**2  # a record of eight stages has about 10 kB
MAX_RECORDS_SHOWN = 2_000  # points that plotly.js redraws without a visible pause

STAGE_CACHE_BYTES = 6 * 1024**3  # about 60 dense MiniLM stages; oldest leave first
MAX_CHECKPOINT_BYTES = 2 * 1024**3  # bert-large in fp32 has 1.3 GB

MAX_QUEUED_JOBS = 60  # two pipelines for each of 30 students
JOB_WORKERS = 1  # two training processes on 2 cores do 1.15 times the work of one (measured)
CANCEL_GRACE_SECONDS = 20.0  # the longest training step seen is 4 s (bert-large); then the worker is killed
MAX_EVENT_BYTES = 16 * 1024**2  # an event file of the longest run has about 1 MB
HUB_TIMEOUT_SECONDS = 3.0  # one look whether the hub answers, instead of 23 s of retries

MAX_TEXT_CHARACTERS = 50_000  # one typed text; what is longer is refused, not cut in silence
BOOTSTRAP_RESAMPLES = 500  # the ends of a 95 % interval are then stable to about 0.1 points
LATENCY_SENTENCES = 100  # batch-1 forwards timed per stage: enough for a p95, about a second
