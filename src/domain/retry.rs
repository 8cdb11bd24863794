//! Retry is arithmetic: policy, attempt, outcome, Retry-After, jitter and now give *at / ask first / park*.
