#!/usr/bin/env Rscript
# Stored values for tests/unit/test_intervals.c: intervals by R's own tests and root finder (R 4.2.2, survey 4.1.1).
#
# Run from anywhere: Rscript gen_interval_reference.R; writes intervals.csv and survey_rows.csv beside itself. The tests never run it.
#
# wilson: prop.test without continuity correction, and the roots of its equation where n is not whole. clopper_pearson: binom.test. logit: Boyd, Eng and Page 2013. roc_auc:
# method 5 of Newcombe 2006. f1: prop.test on TP / (TP + FP + FN). mcc: Zou and Donner 2008 on prop.test's intervals of
# recall, false alarm rate and prevalence. ap: the Beta of intervals.c by qbeta. weighted: the share of rows with weights
# and clusters, and the effective number that the survey package's linearised variance gives.
suppressMessages(library(survey))

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
z <- qnorm(0.975)
rows <- list()
add <- function(what, args, value, lo, hi) {
  args <- c(args, rep(0, 5 - length(args)))
  rows[[length(rows) + 1]] <<- c(what, formatC(c(args, value, lo, hi), digits = 17, format = "g", width = -1))
}

wilson <- function(count, n) suppressWarnings(prop.test(count, n, correct = FALSE)$conf.int[1:2])
for (a in list(c(0, 10), c(10, 10), c(1, 30), c(18, 26), c(3, 6000), c(250, 300)))
  add("wilson", c(a[1] / a[2], a[2]), a[1] / a[2], wilson(a[1], a[2])[1], wilson(a[1], a[2])[2])
for (a in list(c(0, 3.5), c(0.013, 412.25), c(1 / 3, 0.75))) {
  miss <- function(p) (a[1] - p)^2 * a[2] - z^2 * p * (1 - p)
  end <- function(from, to) uniroot(miss, c(from, to), tol = 1e-15)$root
  add("wilson", a, a[1], if (a[1] > 0) end(0, a[1] - 1e-9) else 0, end(a[1] + 1e-9, 1))
}

for (a in list(c(0, 10), c(10, 10), c(1, 30), c(18, 26), c(3, 600))) {
  ends <- binom.test(a[1], a[2])$conf.int
  add("clopper_pearson", a, a[1] / a[2], ends[1], ends[2])
}

for (a in list(c(0.8, 30), c(0.3, 100), c(0.05, 20), c(0.95, 10))) {
  half <- z / sqrt(a[2] * a[1] * (1 - a[1]))
  add("logit", a, a[1], plogis(qlogis(a[1]) - half), plogis(qlogis(a[1]) + half))
}

newcombe <- function(auc, m, n) {
  variance <- function(t) {
    more <- (m + n) / 2 - 1
    t * (1 - t) * (1 + more * (1 - t) / (2 - t) + more * t / (1 + t)) / (m * n)
  }
  miss <- function(t) (auc - t)^2 - z^2 * variance(t)
  end <- function(from, to) uniroot(miss, c(from, to), tol = 1e-14)$root
  c(if (auc > 0) end(0, auc - 1e-9) else 0, if (auc < 1) end(auc + 1e-9, 1) else 1)
}
for (a in list(c(0.5, 10, 300), c(0.86, 30, 5970), c(0.99, 12.5, 40.25), c(0.7, 300, 6000), c(0.31, 7, 9))) {
  ends <- newcombe(a[1], a[2], a[3])
  add("roc_auc", a, a[1], ends[1], ends[2])
}

for (a in list(c(0.067, 0.05, 0.004, 10, 1), c(0.58, 0.57, 0.006, 30, 1), c(0.9, 0.899, 1e-4, 300, 1),
               c(0.3, 0.25, 1e-4, 200, 40), c(0.005, 0.004, 3e-7, 400, 1), c(0.4, 0, 0.05, 2, 1))) {
  inside <- min(max(a[1], 1 / (2 * a[4])), 1 - 1 / (2 * a[4]))
  assumed <- inside * (1 - inside) * (1 - inside + a[5] * inside) / a[4]
  seen <- max(a[3], (inside / (2 * a[4]))^2)
  w <- min(1, 5 / a[4])
  used <- if (seen < assumed) assumed^w * seen^(1 - w) else seen
  n <- inside * (1 - inside) / used
  lo <- if (a[1] > 1 / (2 * a[4])) qbeta(0.025, a[2] * n + 0.5, (1 - a[2]) * n + 0.5) else 0
  hi <- if (a[1] < 1 - 1 / (2 * a[4])) qbeta(0.975, a[1] * n + 0.5, (1 - a[1]) * n + 0.5) else 1
  add("ap", a, a[1], min(lo, a[1]), max(hi, a[1]))
}

mcc <- function(r, f, p) {
  q <- p * r + (1 - p) * f
  if (q > 0 && q < 1) sqrt(p * (1 - p)) * (r - f) / sqrt(q * (1 - q)) else 0
}
score <- function(share, n) { # Wilson for any n
  middle <- (share + z^2 / (2 * n)) / (1 + z^2 / n)
  half <- z * sqrt(share * (1 - share) / n + z^2 / (4 * n^2)) / (1 + z^2 / n)
  c(if (share > 0) middle - half else 0, if (share < 1) middle + half else 1)
}
for (a in list(c(16, 7, 14, 5963), c(0, 3, 9, 288), c(5, 0, 5, 90), c(10, 0, 0, 90), c(1, 50, 9, 40))) {
  j <- wilson(a[1], sum(a[1:3]))
  add("f1", a, 2 * a[1] / (2 * a[1] + a[2] + a[3]), 2 * j[1] / (1 + j[1]), 2 * j[2] / (1 + j[2]))
  r <- a[1] / (a[1] + a[3]); f <- a[2] / (a[2] + a[4]); p <- (a[1] + a[3]) / sum(a)
  rs <- score(r, a[1] + a[3] - 1); fs <- score(f, a[2] + a[4] - 1); ps <- score(p, sum(a) - 1)
  value <- mcc(r, f, p)
  moves <- list(c(mcc(rs[1], f, p), mcc(rs[2], f, p)), c(mcc(r, fs[2], p), mcc(r, fs[1], p)),
                sort(c(mcc(r, f, ps[1]), mcc(r, f, ps[2]))))
  below <- sqrt(sum(sapply(moves, function(m) min(0, m[1] - value)^2)))
  above <- sqrt(sum(sapply(moves, function(m) max(0, m[2] - value)^2)))
  add("mcc", a, value, max(-1, value - below), min(1, value + above))
}

# A share under weights, and weights in clusters: what `survey` says of its variance, as the effective number of rows.
# Its factor k / (k - 1) is taken out, and the number of whole clusters counts as one of them, as in drawn.c.
set.seed(13)
survey_rows <- list()
for (kind in c("weights", "clusters")) {
  n <- 60
  hit <- rbinom(n, 1, 0.4)
  w <- if (kind == "weights") sample(1:5, n, TRUE) else rep(1, n)
  id <- if (kind == "weights") seq_len(n) else rep(1:20, each = 3)
  if (kind == "clusters") hit <- as.integer((runif(20) < 0.4)[id] != (runif(n) < 0.2))
  design <- svydesign(ids = ~id, weights = ~w, data = data.frame(hit, w, id))
  mean <- svymean(~hit, design)
  k <- length(unique(id))
  p <- as.numeric(coef(mean))
  seen <- p * (1 - p) / (as.numeric(SE(mean))^2 * (k - 1) / k)
  whole <- sum(w)^2 / sum(tapply(w, id, sum)^2)
  number <- if (whole < seen) whole^(1 / whole) * seen^(1 - 1 / whole) else seen
  for (i in seq_len(n)) survey_rows[[length(survey_rows) + 1]] <- c(kind, hit[i], w[i], id[i] - 1)
  unseen <- function(rows) max(0, max(w) - sum(w[rows]^2) / sum(w[rows])) / 2
  low <- if (kind == "weights") sum(w * hit) / (sum(w) + unseen(hit == 0)) else p
  high <- if (kind == "weights") (sum(w * hit) + unseen(hit == 1)) / (sum(w) + unseen(hit == 1)) else p
  if (kind == "clusters") { # of equal size: what a cluster holds of hits and misses is what may be unseen
    most <- max(tapply(w, id, sum))
    held <- function(rows) sum(tapply(w * rows, id, sum)^2) / sum(w * rows)
    low <- sum(w * hit) / (sum(w) + max(0, most - held(hit == 0)) / 2)
    high <- (sum(w * hit) + max(0, most - held(hit == 1)) / 2) / (sum(w) + max(0, most - held(hit == 1)) / 2)
  }
  add(kind, number, p, score(low, number)[1], score(high, number)[2])
}

write <- function(name, header, rows)
  write.table(do.call(rbind, rows), file.path(here, name), sep = ",", quote = FALSE, row.names = FALSE, col.names = header)
write("intervals.csv", c("what", "a", "b", "c", "d", "e", "value", "lo", "hi"), rows)
write("survey_rows.csv", c("kind", "hit", "weight", "cluster"), survey_rows)
