DROP TABLE calendar_day;
DROP TABLE calendar_week;
DROP TABLE calendar_year;
DROP TABLE calendar_version;
