DROP TABLE reconciliation;
DROP TABLE book_entry;
DROP TABLE book;
