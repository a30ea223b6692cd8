"""What servers answer that know no predictions: to either call the same each time, as long as ours would be."""

import json

ID = "11111111-2222-4333-8444-555555555555"

READ = json.dumps(
    {
        "status": "success",
        "predictionID": ID,
        "output": f"http://127.0.0.1:8780/outputs/{ID}.webp",
        "metrics": {"predict_time": 2.5},
    }
)
CREATED = json.dumps({"status": "success", "message": "Prediction created successfully", "predictionID": ID})
