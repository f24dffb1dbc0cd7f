# R's own digits: lm(..., tol = 1e-10) on one CSV. Usage: Rscript r_lm.R FILE DEGREE|all INTERCEPT|none
# Prints the coefficients, their standard errors and the residual standard error, one line each; polynomials as I(x^k).
a <- commandArgs(TRUE)
d <- read.csv(a[1], header = FALSE)
p <- ncol(d) - 1
names(d) <- c(paste0("x", seq_len(p)), "y")
terms <- if (a[2] == "all") names(d)[seq_len(p)] else c("x1", if (a[2] != "1") paste0("I(x1^", 2:as.integer(a[2]), ")"))
if (a[3] == "none") terms <- c("0", terms)
s <- suppressWarnings(summary(lm(as.formula(paste("y ~", paste(terms, collapse = " + "))), d, tol = 1e-10)))
for (v in list(s$coefficients[, 1], s$coefficients[, 2], s$sigma)) cat(sprintf("%.17g", v), "\n")
