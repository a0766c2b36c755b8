"""`make doctor`: as `flask doctor`, and it also speaks where the configuration is not fit to begin with."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import create_app
from app.core.errors import ConfigError


def main() -> int:
    try:
        app = create_app()
    except ConfigError as error:
        print(f"不行　配置：{error}。→ 改好 /etc/shulin.env，把它读进来，再执行一次")
        return 1
    except OSError as error:
        print(f"不行　数据文件夹：打不开 {error.filename or ''}（{error.strerror}）。→ 看数据盘挂上没有、是不是 shulin 用户的，再执行一次")
        return 1
    with app.app_context():
        return int(app.cli.commands["doctor"].main(args=sys.argv[1:], standalone_mode=False) or 0)


if __name__ == "__main__":
    sys.exit(main())
