"""Report → Chunk and Fact → snapshot → Hit. Owns jieba, FAISS and the embedding model."""
