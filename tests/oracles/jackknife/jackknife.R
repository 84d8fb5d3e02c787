# Rscript jackknife.R FIRST.csv.gz SECOND.csv.gz > jackknife.txt
# The arguments are sp500.csv.gz and nasdaq.csv.gz of the arch package, as for ../core/core.R.
# Every observation is left out in turn and cor() or lm() called anew; nothing is shared with
# the package.
paths <- commandArgs(trailingOnly = TRUE)
line <- function(...) cat(paste(...), "\n", sep = "")
line("R", as.character(getRversion()))

read_one <- function(path) {
  d <- read.csv(gzfile(path))
  data.frame(date = as.Date(d$Date, format = "%m/%d/%Y"), close = d$Close)
}
both <- merge(read_one(paths[1]), read_one(paths[2]), by = "date")
both <- both[complete.cases(both), ]
both <- both[order(both$date), ]
n <- nrow(both) - 1
simple <- function(p) p[-1] / p[-length(p)] - 1
dates <- both$date[-1]
a <- simple(both$close.x)
b <- simple(both$close.y)

say <- function(key, value) line(key, formatC(unname(value), digits = 17, format = "g"))
errors <- function(f) {  # standard error, degrees of freedom, days
  f <- f - mean(f)
  m <- length(f)
  L <- min(floor(1.3 * sqrt(m)), m - 1)
  omega <- sum(f^2)
  for (j in 1:L) omega <- omega + 2 * (1 - j / (L + 1)) * sum(f[-(1:j)] * f[1:(m - j)])
  d <- sum(f^2)^2 / sum(f^4)
  c(sqrt(omega) / m, max(4, 1 / (1 / d + (L + 1) / m / 1.5)), d)
}
without <- function(x, y, statistic) {
  whole <- statistic(x, y)
  sapply(seq_along(x), function(i) (length(x) - 1) * (whole - statistic(x[-i], y[-i])))
}
z_of <- function(x, y) {
  e <- errors(without(x, y, function(u, v) atanh(cor(u, v))))
  list(z = atanh(cor(x, y)), se = e[1], df = e[2], days = e[3])
}
ends <- function(one, level = .95, factor = 1)
  one$z + c(-1, 1) * factor * qt(.5 + level / 2, one$df) * one$se
ranked <- function(x, y) {
  m <- length(x)
  p <- rank(x) / m; q <- rank(y) / m
  p <- p - mean(p); q <- q - mean(q)
  above <- function(u, w) sapply(u, function(t) sum(w[u > t]) + sum(w[u == t]) / 2) / m
  g <- p * q + above(x, q) + above(y, p)
  rho <- cor(x, y, method = "spearman")
  e <- errors((g - mean(g)) / sqrt(mean(p^2) * mean(q^2)) / (1 - rho^2))
  list(z = atanh(rho), se = e[1], df = e[2], days = e[3])
}
describe <- function(key, rows) {
  x <- a[rows]; y <- b[rows]
  k <- function(name) paste0(name, "[", key, "]")
  one <- z_of(x, y)
  say(k("pearson"), tanh(one$z))
  say(k("low"), tanh(ends(one)[1])); say(k("high"), tanh(ends(one)[2]))
  say(k("df"), one$df); say(k("days"), one$days)
  say(k("pvalue"), 2 * pt(-abs(one$z - atanh(.8)) / one$se, one$df))
  if (key %in% c("30", "90", "252", "1260", "all")) {
    slope <- function(u, v) sum((u - mean(u)) * (v - mean(v))) / sum((v - mean(v))^2)
    for (way in c("beta", "beta_reverse")) {
      p <- if (way == "beta") x else y
      q <- if (way == "beta") y else x
      e <- errors(without(p, q, slope))
      say(k(way), slope(p, q))
      say(k(paste0(way, "_low")), slope(p, q) - qt(.975, e[2]) * e[1])
      say(k(paste0(way, "_high")), slope(p, q) + qt(.975, e[2]) * e[1])
    }
    s <- ranked(x, y)
    say(k("spearman_low"), tanh(ends(s)[1])); say(k("spearman_high"), tanh(ends(s)[2]))
  }
  one
}
windows <- list()
for (w in c(30, 90, 252, 1260)) windows[[as.character(w)]] <- describe(as.character(w), (n - w + 1):n)
windows[["all"]] <- describe("all", 1:n)
for (year in unique(format(dates, "%Y"))) {
  rows <- which(format(dates, "%Y") == year)
  if (length(rows) >= 126) windows[[year]] <- describe(year, rows)
}
k <- length(windows)
say("page_windows", k)
for (key in names(windows)) {
  at <- tanh(ends(windows[[key]], .95^(1 / k)))
  say(paste0("page_low[", key, "]"), at[1]); say(paste0("page_high[", key, "]"), at[2])
}
factors <- c("30" = 2.5, "90" = 1.8, "252" = 1.5, "1260" = 1.3, "all" = 1.2)
for (key in names(factors)) {
  at <- tanh(ends(windows[[key]], factor = factors[[key]]))
  say(paste0("daily_low[", key, "]"), at[1]); say(paste0("daily_high[", key, "]"), at[2])
}
against <- function(key, new, old) {
  one <- z_of(a[new], b[new]); other <- z_of(a[old], b[old])
  v1 <- one$se^2; v0 <- other$se^2
  df <- (v1 + v0)^2 / (v1^2 / one$df + v0^2 / other$df)
  d <- one$z - other$z; se <- sqrt(v1 + v0)
  say(paste0("difference[", key, "]"), d)
  say(paste0("difference_low[", key, "]"), d - qt(.975, df) * se)
  say(paste0("difference_high[", key, "]"), d + qt(.975, df) * se)
  say(paste0("difference_pvalue[", key, "]"), 2 * pt(-abs(d) / se, df))
  r <- tanh(c(one$z, other$z)); e1 <- tanh(ends(one)); e0 <- tanh(ends(other))
  say(paste0("difference_r[", key, "]"), r[1] - r[2])
  say(paste0("difference_r_low[", key, "]"),
      r[1] - r[2] - sqrt((r[1] - e1[1])^2 + (e0[2] - r[2])^2))
  say(paste0("difference_r_high[", key, "]"),
      r[1] - r[2] + sqrt((e1[2] - r[1])^2 + (r[2] - e0[1])^2))
}
against("90", (n - 89):n, (n - 1259):(n - 90))
against("252", (n - 251):n, (n - 1259):(n - 252))
against("halves", (floor(n / 2) + 1):n, 1:floor(n / 2))
