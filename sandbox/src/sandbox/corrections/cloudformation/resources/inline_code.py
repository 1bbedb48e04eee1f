"""The response module that CloudFormation adds to inline code of functions.

Source: AWS CloudFormation User Guide, "`cfn-response` module": added only to the code of `ZipFile`, and only where it
is loaded by exactly `import cfnresponse` or `require('cfn-response')`.
"""

from __future__ import annotations

import io
import re
import zipfile

from ministack.services.cloudformation import provisioners

NAMES = {"ministack.services.cloudformation.provisioners": "_zip_inline"}
OVERRIDES = {
    "AWS::Lambda::Function.Code.ZipFile": "ministack lacks the response module of AWS's own examples, so that a custom "
    "resource on such a function fails"
}

_PYTHON = """import json
import urllib3

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    answer = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    headers = {"content-type": ""}
    urllib3.PoolManager().request("PUT", event["ResponseURL"], headers=headers, body=json.dumps(answer))
"""
_NODE = """const http = require("http");
const https = require("https");

exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";
exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  return new Promise((resolve, reject) => {
    const answer = JSON.stringify({
      Status: responseStatus,
      Reason: "See the details in CloudWatch Log Stream: " + context.logStreamName,
      PhysicalResourceId: physicalResourceId || context.logStreamName,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      NoEcho: noEcho || false,
      Data: responseData,
    });
    const url = new URL(event.ResponseURL);
    const headers = { "content-type": "", "content-length": Buffer.byteLength(answer) };
    const client = url.protocol === "http:" ? http : https;
    const request = client.request(url, { method: "PUT", headers }, (response) => {
      response.resume();
      response.on("end", () => { context.done(); resolve(); });
    });
    request.on("error", (error) => { context.done(error); reject(error); });
    request.end(answer);
  });
};
"""
_MODULES = (
    (re.compile(r"^\s*import cfnresponse\s*$", re.MULTILINE), "cfnresponse.py", _PYTHON),
    (re.compile(r"require\(['\"]cfn-response['\"]\)"), "node_modules/cfn-response/index.js", _NODE),
)


def add_response_modules() -> None:
    """Put the module beside the code that loads it."""
    zip_inline = provisioners._zip_inline

    def with_module(source: str | None, handler: str, runtime: str = "python3.12") -> bytes | None:
        archive = zip_inline(source, handler, runtime)
        if archive is None:
            return None
        content = io.BytesIO(archive)
        with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as opened:
            for loads, name, module in _MODULES:
                if loads.search(source or ""):
                    opened.writestr(name, module)
        return content.getvalue()

    provisioners._zip_inline = with_module
