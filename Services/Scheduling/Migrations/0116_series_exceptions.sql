-- A visit of a series that was moved by itself, or left when others were moved: the wall time the series has for it. Null where it is at that time.
ALTER TABLE appointment ADD COLUMN series_wall timestamp;
