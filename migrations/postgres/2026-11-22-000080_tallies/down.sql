DROP TABLE tally_by_office;
DROP TABLE tally_by_procedure;
DROP TABLE leg_tally;
DROP TABLE tally_basis;
DROP TABLE tally_due;
