import { MongoClient } from "mongodb";
export const client = new MongoClient("mongodb+srv://root:9fK2mQ8xLw3Z@cluster0.ab1cd.mongodb.net/shop");
