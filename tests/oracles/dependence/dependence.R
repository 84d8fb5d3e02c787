# Regression, lead-lag, cointegration and diagnostics by R. Reads data.csv in the working folder.
suppressPackageStartupMessages({library(sandwich); library(lmtest); library(urca); library(tseries)})
say <- function(key, value) cat(sprintf("%s -> %.15g\n", key, as.numeric(value)))
cat("version R ->", R.version.string, "\n")
for (p in c("sandwich", "lmtest", "urca", "tseries"))
  cat("version", p, "->", as.character(packageVersion(p)), "\n")
d <- read.csv("data.csv"); a <- d$a; b <- d$b; n <- length(a)

# Up and down betas, Newey-West with lag 5 and the automatic lag without prewhitening.
up <- pmax(b, 0); down <- pmin(b, 0)
m <- lm(a ~ up + down)
say("beta_up", coef(m)[2]); say("beta_down", coef(m)[3])
auto <- floor(bwNeweyWest(m, prewhite = FALSE))
say("up_down.auto_lag", auto)
for (lag in c(5, auto)) {
  v <- NeweyWest(m, lag = lag, prewhite = FALSE, adjust = FALSE)
  which <- if (lag == 5) "lag5" else "auto"
  say(paste0("beta_up.se.", which), sqrt(v[2, 2])); say(paste0("beta_down.se.", which), sqrt(v[3, 3]))
}
v <- NeweyWest(m, lag = 5, prewhite = FALSE, adjust = FALSE)
w <- (coef(m)[2] - coef(m)[3])^2 / (v[2, 2] + v[3, 3] - 2 * v[2, 3])
say("up_down.statistic", w); say("up_down.pvalue", pchisq(w, 1, lower.tail = FALSE))

# Dimson betas.
for (k in c(1, 5)) {
  rows <- (k + 1):(n - k)
  x <- sapply(-k:k, function(j) b[rows + j]); y <- a[rows]
  f <- lm(y ~ x); one <- c(0, rep(1, 2 * k + 1))
  lag <- floor(bwNeweyWest(f, prewhite = FALSE))
  v <- NeweyWest(f, lag = lag, prewhite = FALSE, adjust = FALSE)
  say(sprintf("dimson%d.value", k), sum(coef(f)[-1])); say(sprintf("dimson%d.lag", k), lag)
  say(sprintf("dimson%d.se", k), sqrt(drop(t(one) %*% v %*% one)))
}

# Granger and HAC Wald in both directions.
for (direction in c("ab", "ba")) {
  cause <- if (direction == "ab") a else b; effect <- if (direction == "ab") b else a
  for (k in 1:5) {
    g <- grangertest(cause, effect, order = k)
    say(sprintf("granger_%s[%d].statistic", direction, k), g$F[2])
    say(sprintf("granger_%s[%d].pvalue", direction, k), g$`Pr(>F)`[2])
  }
  k <- 5; rows <- (k + 1):n
  x <- sapply(1:k, function(j) cause[rows - j]); z <- sapply(1:k, function(j) effect[rows - j])
  f <- lm(effect[rows] ~ x + z)
  v <- NeweyWest(f, lag = 5, prewhite = FALSE, adjust = FALSE)[2:(k + 1), 2:(k + 1)]
  w <- drop(t(coef(f)[2:(k + 1)]) %*% solve(v) %*% coef(f)[2:(k + 1)])
  say(sprintf("wald_%s[5].statistic", direction), w)
  say(sprintf("wald_%s[5].pvalue", direction), pchisq(w, k, lower.tail = FALSE))
}

# Unit roots and cointegration.
for (leg in c("a", "b")) {
  x <- d[[paste0("l", leg)]]
  for (k in c(0, 1, 5)) say(sprintf("adf_%s[%d]", leg, k), ur.df(x, type = "drift", lags = k)@teststat[1, "tau2"])
  for (k in c(10, 20)) say(sprintf("kpss_%s[%d]", leg, k), ur.kpss(x, type = "mu", use.lag = k)@teststat)
}
u <- residuals(lm(d$la ~ d$lb))
for (k in c(0, 1, 5)) say(sprintf("engle_granger[%d]", k), ur.df(u, type = "none", lags = k)@teststat[1, "tau1"])
j <- ca.jo(d[, c("la", "lb")], type = "trace", ecdet = "none", K = 2, spec = "transitory")
say("johansen_trace_0", j@teststat[2]); say("johansen_trace_1", j@teststat[1])
f <- lm(u[-1] ~ u[-n]); phi <- coef(f)[2]
say("phi", phi); say("phi.se", sqrt(sandwich(f)[2, 2])); say("half_life", log(2) / -log(phi))

# Single legs.
for (leg in c("a", "b")) {
  x <- d[[leg]]
  q <- Box.test(x, lag = 10, type = "Ljung-Box"); say(paste0("ljung_box_", leg, ".statistic"), q$statistic)
  say(paste0("ljung_box_", leg, ".pvalue"), q$p.value)
  t3 <- jarque.bera.test(x); say(paste0("jarque_bera_", leg, ".statistic"), t3$statistic)
  e <- embed((x - mean(x))^2, 11); s <- summary(lm(e[, 1] ~ e[, -1]))
  say(paste0("arch_lm_", leg, ".statistic"), nrow(e) * s$r.squared)
  z <- sort(abs(x - mean(x)), decreasing = TRUE); k <- floor(0.05 * n + 1e-9)
  say(paste0("tail_index_", leg), 1 / mean(log(z[1:k] / z[k + 1])))
}
say("hedge.effectiveness_in", 1 - var(residuals(lm(a ~ b))) / var(a))
h <- sapply(253:n, function(t) { s <- (t - 252):(t - 1); cov(a[s], b[s]) / var(b[s]) })
e <- a[253:n] - h * b[253:n]
say("hedge.effectiveness_out", 1 - var(e) / var(a[253:n]))

# Variance ratio of la - lb, written out (Lo and MacKinlay 1988, overlapping, robust).
y <- d$la - d$lb; dy <- diff(y); mu <- mean(dy); N <- length(dy)
for (q in c(2, 5, 10, 20, 60)) {
  long <- diff(y, lag = q)
  vr <- (sum((long - q * mu)^2) / (N * q)) / (sum((dy - mu)^2) / N)
  theta <- sum(sapply(1:(q - 1), function(k) {
    s <- (dy - mu)^2
    (2 * (q - k) / q)^2 * N * sum(s[(k + 1):N] * s[1:(N - k)]) / sum(s)^2 }))
  say(sprintf("variance_ratio[%d]", q), vr); say(sprintf("variance_ratio[%d].z", q), sqrt(N / theta) * (vr - 1))
}
