CREATE TABLE channels (id integer PRIMARY KEY, type integer, key text, status integer, name text, weight integer, base_url text, models text, "group" text, priority integer);
INSERT INTO channels VALUES (1, 24, 'AIza-one', 1, 'Gemini 1', 0, '', 'gemini-2.0-flash,gemini-1.5-pro', 'default', 10);
INSERT INTO channels VALUES (2, 24, 'AIza-two', 1, 'Gemini 2', 3, '', 'gemini-2.0-flash', 'default', 10);
INSERT INTO channels VALUES (3, 1, 'sk-openai', 2, 'OpenAI, off', 0, '', 'gpt-4o-mini', 'default', 0);
INSERT INTO channels VALUES (4, 8, 'sk-own', 1, 'Our own', 0, 'https://llm.example.com', 'qwen2.5', 'default', 0);
