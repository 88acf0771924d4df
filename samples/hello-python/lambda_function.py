"""The same greeting in Python. What `print` and `logging` write goes to the function's log."""
import platform


def lambda_handler(event, context):
    name = event.get("name", "world")
    print("greeting", name)
    return {
        "message": f"Hello, {name}!",
        "function": context.function_name,
        "memoryMB": int(context.memory_limit_in_mb),
        "python": platform.python_version(),
    }
