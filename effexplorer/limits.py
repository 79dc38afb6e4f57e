"""Every bound of the program, each with its reason."""

MAX_STEPS = 8  # a longer pipeline cannot be read on a projector, and no paper has one
MAX_SEED = 2**31 - 1  # what numpy, torch and Python all accept as a seed
MAX_EPOCHS = 20  # more overfits every GLUE task, and a typing error would hold a worker for days
MIN_TRAIN_EXAMPLES = 8  # fewer do not fill one batch
MAX_PIPELINE_TEXT = 2_000  # characters of typed steps; the longest legal ones have about 800
MAX_COMBINATIONS = 100  # whole fine-tunings; 2 of 12 layers have 66 (the paper's), 3 of 12 have 220

MAX_SWEEP_RUNS = 20_000  # all ordered subsets of 4 operators, 8 tasks, 6 models and 6 seeds

MAX_FIND_STEPS = 4  # more operators on top of each other have gained nothing in any shipped run
MAX_FIND_CANDIDATES = 20_000  # predicted again after every measurement, in about a second
MIN_FIND_ROWS = 700  # 750 rows rank as 3,000 do (tau 0.7), 240 not as 958 (tau 0.0; docs/find.md)
MAX_FIND_SECONDS = 7 * 24 * 3600.0  # a typing error would hold the machine for months

CLUSTER_RETRIES = 3  # a stage that took four workers down will take down the fifth
CLUSTER_GPU_SHARE = 0.25  # four small models train side by side in 16 GB and keep a GPU busy

MAX_RECORD_BYTES = 4 * 1024**2  # a record of eight stages has about 10 kB
MAX_ARRAY_BYTES = 64 * 1024**2  # answers of nine stages on QQP's 40,430 rows have 2 MB
MAX_RECORD_TEXT = 4_000  # characters of one text in a record; steps may have 2,000
MAX_RECORD_INTEGER = 2**53  # what a browser and a plot hold exactly
MAX_TOKENIZER_BYTES = 64 * 1024**2  # XLM-R's tokenizer.json has 9 MB
MAX_CONFIG_BYTES = 4 * 1024**2  # a model's config.json has a few kB, with 1,000 labels 50
MAX_REQUEST_BYTES = 1024**2  # a job's request has about 1 kB
MAX_TITLE = 100  # characters of a published page's title
MAX_RECORDS_SHOWN = 2_000  # points that plotly.js redraws without a visible pause

MAX_TEACHER_BYTES = 1024**3  # hidden states of 30,000 phrases for three layers of width 384
STAGE_CACHE_BYTES = 6 * 1024**3  # about 60 dense MiniLM stages; oldest leave first
MAX_CHECKPOINT_BYTES = 2 * 1024**3  # bert-large in fp32 has 1.3 GB
MAX_PARAMETERS = MAX_CHECKPOINT_BYTES // 2  # what fits into such a file in 16 bits

MAX_QUEUED_JOBS = 60  # two pipelines for each of 30 students
MAX_QUEUED_PER_OWNER = 4  # a student compares a few pipelines; the teacher may change it
MAX_SILENT_SECONDS = 8.0  # without a heartbeat, which comes every second; then its place is free
HEARTBEAT_SECONDS = 1.0
JOB_WORKERS = 1  # two training processes on 2 cores do 1.15 times the work of one (measured)
WORKER_NICENESS = 10  # a tenth of the app's weight on a busy core, nearly all of an idle one
LATENCY_WAIT_SECONDS = 300.0  # longer than most splits are measured without a pause; then noted
LATENCY_TICK_SECONDS = 0.01  # a look at the lock costs microseconds, and a step takes longer
CANCEL_GRACE_SECONDS = 20.0  # then the worker is killed; no training step seen took over 4 s
MAX_EVENT_BYTES = 16 * 1024**2  # an event file of the longest run has about 1 MB
MAX_HUB_FILES = 1_000  # a model has about 30; a repository of many thousands is none
HUB_TIMEOUT_SECONDS = 3.0  # one look whether the hub answers, instead of 23 s of retries

MAX_TEXT_CHARACTERS = 50_000  # one typed text; what is longer is refused, not cut in silence
BOOTSTRAP_RESAMPLES = 500  # the ends of a 95 % interval are then stable to about 0.1 points
MAX_GRAPH_BYTES = 2 * 10**9  # of an ONNX graph's weights: protobuf's messages end at 2 GiB
MIN_INTERVAL_ROWS = 10  # of fewer, nine right answers in ten tell as much as none
LATENCY_SENTENCES = 100  # batch-1 forwards timed per stage: enough for a p95, about a second

JOB_DAYS = 7  # a finished job's folder holds its log alone; nobody asks for it after a week
JOB_TICK_SECONDS = 0.2  # a queued run starts within a blink, and a look costs under a millisecond
JOB_RETRY_SECONDS = 5.0  # a full disk is not mended sooner, and the log stays readable
PROGRESS_SECONDS = 0.5  # progress events closer than this are dropped: watchers look at 4 Hz
MAX_OWNER_CHARACTERS = 100  # a browser's token is a UUID of 36
MAX_CHANGES_SHOWN = 100  # sentences that answer otherwise: more are not read, surest first
MAX_LOSS_POINTS = 200  # more cannot be told apart in a curve 400 pixels wide
MAX_MISSING_SEEDS = 12  # of an order, offered to be queued; more seeds tell a verdict little new
MAX_NOTES = 50  # a run says a handful of sentences
MAX_BUG_LOG_BYTES = 1024**2  # some 300 tracebacks; then the log starts anew
HUB_MEMORY_SECONDS = 60.0  # how long the hub's answer is believed: a form asks for 17 names at once
MAX_LINES = 50  # texts asked at once: more cannot be read, and each takes some 10 ms
MAX_WAITING_TEXTS = 120  # four for each of 30 people; a longer queue answers too late for typing
MAX_WAITING_PER_ADDRESS = 40  # a class behind one address, all typing at once; a flood has more
MAX_REQUEST_CHARACTERS = 60_000  # of one request: word pieces are made in under a second
MAX_OPEN_MODELS = 3  # some 100 MB each; a class tries one or two
MAX_OPEN_EXPORTS = 8  # made one at a time; each has a zip of some 100 MB until it is sent

MAX_TASK_FILE_BYTES = 512 * 1024**2  # 25,000 film reviews have 33 MB; larger does not fit in memory
MAX_UPLOAD_BYTES = 64 * 1024**2  # through a browser; 50,000 film reviews; a class shares one disk
MAX_OPEN_UPLOADS = 40  # files that wait to become tasks: one for each of 30 students
MAX_UPLOADS_AT_ONCE = 8  # being sent or read; each holds one of the server's 40 threads or a file
MAX_TASKS_PER_OWNER = 3  # so that 30 browsers find room among MAX_TASKS
MAX_ROW_PROBLEMS = 100  # rows that are told one by one; who has more mends the file by a rule
MAX_TASK_ROWS = 1_000_000  # MNLI, the largest task of GLUE, has 0.4 million
MAX_COLUMNS = 200  # a table of texts and labels has a handful; more is a matrix of features
MAX_TASKS = 100  # more of one's own cannot be told apart in a list
MAX_TASK_NAME = 40  # characters; it stands in every table and in the URL
MAX_LABEL_CHARACTERS = 60  # a class's name stands in a table's cell; what is longer is a text
MAX_CLASSES = 200  # CLINC150, the largest such task in wide use, has 151
MIN_TASK_LENGTH, MAX_TASK_LENGTH = 8, 512  # word pieces; no model here has more positions
MAX_REGRESSION_LABEL = 10.0  # a new head cannot reach larger numbers in a few passes (STS-B: 5)
HELD_ASIDE, MAX_HELD_ASIDE = 0.2, 4_000  # 4,000 rows: an interval of 2 points, measured in a minute
MIN_VALIDATION_ROWS = 4  # fewer give no score at all; a caution tells how wide the interval is
MAX_TOLD_ROWS = 5  # row numbers in one sentence
