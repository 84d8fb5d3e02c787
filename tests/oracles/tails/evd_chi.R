# chi and chi-bar of the lower tail by R's evd, on samples drawn with R's own generator.
# Run in this folder: Rscript evd_chi.R > evd_chi.json
suppressMessages(library(evd))
set.seed(19990101)
cases <- list()
for (n in c(500, 1260)) for (rho in c(0.3, 0.8)) {
  z <- matrix(rnorm(2 * n), n); mix <- sqrt(5 / rchisq(n, 5))
  x <- cbind(z[, 1] * mix, (rho * z[, 1] + sqrt(1 - rho^2) * z[, 2]) * mix)
  x <- round(x, 6)
  file <- sprintf("t5_%d_%02.0f.csv", n, 100 * rho)
  write.table(x, file, sep = ",", row.names = FALSE, col.names = FALSE)
  pdf(NULL) # chiplot draws
  for (u in c(0.9, 0.95)) {
    out <- chiplot(-x, nq = 2, qlim = c(u, u + 0.001), which = 1:2, ask = FALSE)
    cases[[length(cases) + 1]] <- sprintf(
      '{"file": "%s", "md5": "%s", "quantile": %.2f, "chi": %.15g, "chibar": %.15g}',
      file, tools::md5sum(file), u, out$chi[1, 2], out$chibar[1, 2])
  }
}
cat(sprintf('{"R": "%s", "evd": "%s", "cases": [\n%s\n]}\n', getRversion(),
            packageVersion("evd"), paste(cases, collapse = ",\n")))
