DROP TABLE original_return;
DROP TABLE lent_original;
DROP TABLE original_due;
