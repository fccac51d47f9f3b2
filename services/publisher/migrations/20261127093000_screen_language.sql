-- migrate:up
-- A screen shows the language that it is registered with, whatever the browser of its player prefers.
ALTER TABLE publisher.screens ADD COLUMN language text NOT NULL DEFAULT 'zh' CHECK (language IN ('zh', 'en'));

-- migrate:down
-- squawk-ignore ban-drop-column
ALTER TABLE publisher.screens DROP COLUMN language;
