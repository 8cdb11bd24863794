DROP TABLE desk_receipt;
