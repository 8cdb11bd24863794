DROP TABLE postal_zone;
DROP TABLE case_mark;
DROP TABLE clock_basis;
DROP TABLE leg_clock;
DROP TABLE clock_turn;
