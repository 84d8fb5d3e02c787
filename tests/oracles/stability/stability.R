# Run in this folder: Rscript stability.R > stability.txt
suppressMessages({library(strucchange); library(sandwich)})
say <- function(key, value) cat(key, format(value, digits = 15, trim = TRUE), "\n")
cat("R", as.character(getRversion()), "strucchange", as.character(packageVersion("strucchange")),
    "sandwich", as.character(packageVersion("sandwich")), "\n")
cat("md5", unname(tools::md5sum("data.csv")), "\n")
d <- read.csv("data.csv")

# Cumulated OLS scores with the covariance of the scores at Bartlett lag 0, 5 and 24.
for (lag in c(0, 5, 24)) {
  meat_of <- function(x, ...)
    meatHAC(x, weights = 1 - (0:lag) / (lag + 1), prewhite = FALSE, adjust = FALSE)
  process <- gefp(a ~ b, data = d, fit = lm, vcov = meat_of, sandwich = FALSE)
  sup <- sctest(process, functional = supLM(0.15))
  say(paste0("sup_f[", lag, "].statistic"), unname(sup$statistic))
  say(paste0("sup_f[", lag, "].pvalue"), sup$p.value)
  wander <- sctest(process, functional = meanL2BB)
  say(paste0("nyblom[", lag, "].statistic"), unname(wander$statistic))
  say(paste0("nyblom[", lag, "].pvalue"), wander$p.value)
}
ols <- sctest(efp(a ~ b, data = d, type = "OLS-CUSUM"))
say("cusum.statistic", unname(ols$statistic))
say("cusum.pvalue", ols$p.value)

# Hansen's p-values at given statistics, two parameters, 15 % trimming of 600.
for (x in c(5, 8, 11.79, 15, 30))
  say(paste0("hansen[", x, "]"), strucchange:::pvalue.Fstats(x, type = "supF", k = 2,
      lambda = ((600 - 90) * 510) / (90 * (600 - 510))))

# Breaks of sums of five.
w <- data.frame(a = colSums(matrix(d$a, 5)), b = colSums(matrix(d$b, 5)))
bp <- breakpoints(a ~ b, data = w, h = 0.15, breaks = 5)
criteria <- summary(bp)$RSS
for (m in 0:5) {
  say(paste0("rss[", m, "]"), criteria["RSS", m + 1])
  say(paste0("bic[", m, "]"), criteria["BIC", m + 1])
}
for (m in 1:3) say(paste0("dates[", m, "]"), breakpoints(bp, breaks = m)$breakpoints)
white <- function(x, ...) vcovHC(x, type = "HC0")
for (m in 1:2) for (level in c(0.90, 0.95)) {
  ci <- suppressWarnings(confint(bp, breaks = m, level = level, vcov. = white))$confint
  say(paste0("low[", m, ",", level, "]"), ci[, 1])
  say(paste0("high[", m, ",", level, "]"), ci[, 3])
}
