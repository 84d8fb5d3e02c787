# Run in this folder: Rscript dcc.R > dcc.txt
# A second program, in plain loops: Gaussian GARCH(1,1) a leg, then DCC(1,1) with correlation
# targeting, each by optim on a transformed scale.
cat("R", as.character(getRversion()), "\n")
cat("md5", unname(tools::md5sum("data.csv")), "\n")
d <- read.csv("data.csv")
say <- function(key, value) cat(key, format(value, digits = 12, trim = TRUE), "\n")

variances <- function(theta, y) {
  start <- (y - mean(y))^2
  w <- 0.94^(0:74)
  h <- numeric(length(y))
  before <- sum(w * start[1:75]) / sum(w)
  h[1] <- theta[2] + (theta[3] + theta[4]) * before
  for (t in 2:length(y)) h[t] <- theta[2] + theta[3] * (y[t - 1] - theta[1])^2 + theta[4] * h[t - 1]
  h
}
garch_loss <- function(theta, y) {
  if (theta[2] <= 0 || theta[3] < 0 || theta[4] < 0 || theta[3] + theta[4] >= 1) return(1e8)
  h <- variances(theta, y)
  0.5 * sum(log(h) + (y - theta[1])^2 / h)
}
fit_leg <- function(y) {
  theta <- c(mean(y), 0.05 * var(y), 0.08, 0.87)
  for (round in 1:6)
    theta <- optim(theta, garch_loss, y = y, control = list(maxit = 4000, reltol = 1e-14))$par
  list(theta = theta, z = (y - theta[1]) / sqrt(variances(theta, y)))
}
path <- function(theta, z, target) {
  q <- rbind(c(1, target), c(target, 1))
  level <- q
  r <- numeric(nrow(z))
  for (t in seq_len(nrow(z))) {
    r[t] <- q[1, 2] / sqrt(q[1, 1] * q[2, 2])
    q <- (1 - sum(theta)) * level + theta[1] * z[t, ] %o% z[t, ] + theta[2] * q
  }
  r
}
dcc_loss <- function(theta, z, target) {
  if (any(theta < 0) || sum(theta) >= 0.9999) return(1e8)
  r <- path(theta, z, target)
  0.5 * sum(log(1 - r^2) + (z[, 1]^2 + z[, 2]^2 - 2 * r * z[, 1] * z[, 2]) / (1 - r^2)
            - z[, 1]^2 - z[, 2]^2)
}
legs <- lapply(d, function(x) fit_leg(100 * x))
z <- cbind(legs$a$z, legs$b$z)
target <- cor(z)[1, 2]
theta <- c(0.03, 0.9)
for (round in 1:3)
  theta <- optim(theta, dcc_loss, z = z, target = target, control = list(reltol = 1e-13))$par
r <- path(theta, z, target)
say("garch_a", legs$a$theta)
say("garch_b", legs$b$theta)
say("target", target)
say("dcc", theta)
say("loglikelihood", -dcc_loss(theta, z, target))
say("last", r[length(r)])
say("min", c(min(r), which.min(r)))
say("max", c(max(r), which.max(r)))
