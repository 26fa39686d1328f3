"""Archives: folders of Parquet, JSONL and CSV, classified in parts that are never done twice."""
