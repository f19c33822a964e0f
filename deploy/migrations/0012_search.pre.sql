-- What files are filtered and counted by: values that an analysis found, each in a row of its own.

CREATE TABLE file_facts (
    file_id     uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    field       text NOT NULL,                 -- family, tier, type, subtype, customer, project; has: a section that is there
    normalized  text NOT NULL,                 -- as fact_key makes it
    value       text NOT NULL,                 -- as shown to people
    PRIMARY KEY (file_id, field, normalized)
);
CREATE INDEX file_facts_value ON file_facts (field, normalized, file_id);

CREATE FUNCTION fact_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(lower(value), '\s+', ' ', 'g'))
$$;

-- The one place that knows where in an analysis the values are.
CREATE FUNCTION analysis_facts(result jsonb) RETURNS TABLE (field text, normalized text, value text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT ON (found.field, fact_key(found.value)) found.field, fact_key(found.value), found.value
    FROM (
        SELECT told.field, result #>> ('{waterfall_classification,dimensions}'::text[] || told.name || 'value'::text)
        FROM (VALUES ('family', 'family'), ('tier', 'tier_level'), ('type', 'functional_type'), ('subtype', 'sub_type'))
            AS told (field, name)
        UNION ALL
        SELECT told.field, result #>> ('{search_metadata,project}'::text[] || told.name || 'value'::text)
        FROM (VALUES ('customer', 'customer_name'), ('project', 'project_name'), ('project', 'project_code'),
                     ('project', 'job_number')) AS told (field, name)
        UNION ALL
        SELECT 'has', told.field
        FROM (VALUES ('summary', 'summary'), ('transcript_summary', 'transcript_summary'), ('description', 'description'),
                     ('chapters', 'chapters'), ('elements', 'elements'), ('classification', 'waterfall_classification'),
                     ('metadata', 'search_metadata')) AS told (field, name)
        WHERE coalesce(result -> told.name, 'null') NOT IN ('null', '[]', '{}')
    ) AS found (field, value)
    WHERE found.value <> '' AND lower(found.value) <> 'unknown' AND length(found.value) <= 500
$$;

INSERT INTO file_facts (file_id, field, normalized, value)
SELECT latest.file_id, found.field, found.normalized, found.value
FROM (
    SELECT DISTINCT ON (file_id) file_id, result FROM analyses JOIN files ON files.id = file_id
    WHERE analyses.revision = files.revision ORDER BY file_id, analyses.created_at DESC
) AS latest CROSS JOIN LATERAL analysis_facts(latest.result) AS found;

CREATE INDEX files_captured ON files (captured_at, id);
CREATE INDEX files_latitude ON files (latitude) WHERE latitude IS NOT NULL;
