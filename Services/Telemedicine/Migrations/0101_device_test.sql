-- What the patient's device could do when it was last tried before the visit. NULL: never.
ALTER TABLE call
    ADD COLUMN tested_at  timestamptz,
    ADD COLUMN camera     text COLLATE "C" CONSTRAINT call_camera CHECK (camera IN ('works', 'missing', 'denied')),
    ADD COLUMN microphone text COLLATE "C" CONSTRAINT call_microphone CHECK (microphone IN ('works', 'missing', 'denied')),
    ADD COLUMN speaker    text COLLATE "C" CONSTRAINT call_speaker CHECK (speaker IN ('heard', 'notHeard', 'unasked')),
    ADD COLUMN network    text COLLATE "C" CONSTRAINT call_network CHECK (network IN ('reached', 'unreachable', 'untested')),
    ADD CONSTRAINT call_tested_whole CHECK (num_nulls(tested_at, camera, microphone, speaker, network) IN (0, 5));
