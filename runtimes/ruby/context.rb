# frozen_string_literal: true

# The handler's `context:`
# (https://docs.aws.amazon.com/lambda/latest/dg/ruby-context.html).
class LambdaContext
  attr_reader :aws_request_id, :client_context, :deadline_ms, :function_name, :function_version, :identity,
              :invoked_function_arn, :log_group_name, :log_stream_name, :memory_limit_in_mb, :tenant_id

  # request: what `[]` answers the headers of a call for
  def initialize(request)
    # The deadline is a time of day; a clock that is set back during the call must not move it.
    @clock_offset = clock(Process::CLOCK_REALTIME) - clock(Process::CLOCK_MONOTONIC)
    @deadline_ms = request['Lambda-Runtime-Deadline-Ms'].to_i
    @aws_request_id = request['Lambda-Runtime-Aws-Request-Id']
    @invoked_function_arn = request['Lambda-Runtime-Invoked-Function-Arn']
    @tenant_id = filled(request['Lambda-Runtime-Aws-Tenant-Id'])
    @identity = parsed(request['Lambda-Runtime-Cognito-Identity'])
    @client_context = parsed(request['Lambda-Runtime-Client-Context'])
    @function_name = ENV['AWS_LAMBDA_FUNCTION_NAME']
    @function_version = ENV['AWS_LAMBDA_FUNCTION_VERSION']
    @memory_limit_in_mb = ENV['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
    @log_group_name = ENV['AWS_LAMBDA_LOG_GROUP_NAME']
    @log_stream_name = ENV['AWS_LAMBDA_LOG_STREAM_NAME']
  end

  # ms; never below 0
  def get_remaining_time_in_millis
    [@deadline_ms - clock(Process::CLOCK_MONOTONIC) - @clock_offset, 0].max
  end

  private

  def clock(id)
    Process.clock_gettime(id, :millisecond)
  end

  def parsed(text)
    JSON.parse(text) if filled(text)
  end

  def filled(text)
    text unless text.nil? || text.empty?
  end
end
