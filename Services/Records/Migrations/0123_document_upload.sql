-- What of a record came in a day: a row for each upload of a document, with as many bytes as its parts reach. Only of the last day is it asked, and after
-- that it is forgotten, with the parts that were never filed.
CREATE TABLE document_upload (
    patient  uuid NOT NULL,
    id       uuid NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    size     bigint NOT NULL CONSTRAINT document_upload_size CHECK (size > 0),
    is_filed boolean NOT NULL DEFAULT false,
    CONSTRAINT document_upload_once PRIMARY KEY (patient, id)
);
CREATE INDEX ON document_upload (at);

GRANT SELECT, INSERT, UPDATE (size, is_filed) ON document_upload TO records_staff, records_limited;
GRANT SELECT, DELETE ON document_upload TO records_worker;

ALTER TABLE document_upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_upload FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON document_upload TO records_staff USING (true);
CREATE POLICY worker ON document_upload TO records_worker USING (true);

DO $$
DECLARE
    mine text := $p$(SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]$p$;
BEGIN
    EXECUTE format('CREATE POLICY limited ON document_upload TO records_limited USING (patient = ANY (%s))', mine);
END $$;
