# Rscript core.R FIRST.csv.gz SECOND.csv.gz > core.txt
# The arguments are sp500.csv.gz and nasdaq.csv.gz of the arch package, which the embedded
# sample is made of. Only statistics are written, never a price.
suppressMessages(library(sandwich))
paths <- commandArgs(trailingOnly = TRUE)
line <- function(...) cat(paste(...), "\n", sep = "")
line("R", as.character(getRversion()))
line("sandwich", as.character(packageVersion("sandwich")))
for (path in paths)
  line("sha256", basename(path), sub(" .*", "", system2("sha256sum", shQuote(path), stdout = TRUE)))

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
describe <- function(key, rows) {
  x <- a[rows]; y <- b[rows]
  k <- function(name) paste0(name, "[", key, "]")
  line(k("nobs"), length(x))
  line(k("start"), format(dates[rows][1]))
  line(k("end"), format(dates[rows][length(x)]))
  say(k("pearson"), cor(x, y))
  ends <- cor.test(x, y)$conf.int
  say(k("fisher_low"), ends[1]); say(k("fisher_high"), ends[2])
  say(k("spearman"), cor(x, y, method = "spearman"))
  say(k("kendall"), cor(x, y, method = "kendall"))
  say(k("sd_a"), sd(x)); say(k("sd_b"), sd(y))
  fit <- lm(x ~ y); back <- lm(y ~ x)
  say(k("alpha"), coef(fit)[1]); say(k("beta"), coef(fit)[2])
  say(k("rsquared"), summary(fit)$r.squared)
  say(k("alpha_reverse"), coef(back)[1]); say(k("beta_reverse"), coef(back)[2])
  for (lag in c(5, floor(1.3 * sqrt(length(x))))) {
    name <- if (lag == 5) "5" else "1.3sqrt"
    for (one in list(list("", fit), list("_reverse", back))) {
      v <- NeweyWest(one[[2]], lag = lag, prewhite = FALSE, adjust = FALSE)
      say(k(paste0("se", name, "_alpha", one[[1]])), sqrt(v[1, 1]))
      say(k(paste0("se", name, "_beta", one[[1]])), sqrt(v[2, 2]))
    }
  }
}
for (window in c(30, 90, 252, 1260)) describe(window, (n - window + 1):n)
describe("all", 1:n)
for (year in unique(format(dates, "%Y"))) describe(year, which(format(dates, "%Y") == year))
