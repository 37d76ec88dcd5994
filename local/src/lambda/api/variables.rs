//! The environment variables that a caller may set.
//!
//! Lambda runs a function in a sandbox. Here it is a process of the user, so a caller must not make it run other
//! code than the user named. The list has the variables that are known to do that. It is not the boundary: the boundary is
//! who may send requests at all.

use std::collections::BTreeMap;

use crate::common::wire::ApiError;

/// The most bytes of all variables, as JSON.
const MOST_BYTES: usize = 4096;

/// Lambda reserves these.
const RESERVED: &str = "\
    _HANDLER _X_AMZN_TRACE_ID AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_EXECUTION_ENV \
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION \
    AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_FORMAT AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_LEVEL \
    AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_MAX_CONCURRENCY AWS_LAMBDA_METADATA_API AWS_LAMBDA_RUNTIME_API \
    AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT";

/// Prefixes of variables of the system's loader, of .NET, and of those that lead the SDKs to another service.
const REFUSED_BEGINNINGS: [&str; 5] = ["LD_", "DYLD_", "CORECLR_", "COR_", "AWS_ENDPOINT_URL"];

/// Where programs, libraries and the user's own files are found, and what shells, languages and libraries load or run as
/// they start. Then what the SDKs read besides: files that may name a process to run, and proxies.
const REFUSED: &str = "\
    PATH HOME USERPROFILE GCONV_PATH GLIBC_TUNABLES LOCPATH NLSPATH OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES \
    GIO_EXTRA_MODULES GIO_MODULE_DIR AWS_LAMBDA_EXEC_WRAPPER BASH_ENV BASHOPTS SHELLOPTS PS4 IFS ZDOTDIR BROWSER \
    PYTHONBREAKPOINT PYTHONHOME PYTHONPATH PYTHONPLATLIBDIR PYTHONSTARTUP PYTHONUSERBASE PYTHONWARNINGS \
    NODE_OPTIONS NODE_PATH RUBYLIB RUBYOPT BUNDLE_GEMFILE GEM_HOME GEM_PATH PERL5DB PERL5LIB PERL5OPT PERLLIB \
    CLASSPATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS DOTNET_ADDITIONAL_DEPS DOTNET_SHARED_STORE DOTNET_STARTUP_HOOKS \
    PHPRC PHP_INI_SCAN_DIR LUA_INIT LUA_PATH LUA_CPATH AWS_CONFIG_FILE AWS_IGNORE_CONFIGURED_ENDPOINT_URLS \
    AWS_PROFILE AWS_SHARED_CREDENTIALS_FILE HTTP_PROXY HTTPS_PROXY ALL_PROXY";

/// Checks the names that a caller gives.
/// Errors: AWS's own message, where AWS refuses them too.
pub(super) fn check(variables: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let list = |is_wrong: fn(&str) -> bool| {
        let names: Vec<&str> = variables.keys().map(String::as_str).filter(|name| is_wrong(name)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let unable = "Lambda was unable to configure your environment variables because";
    if let Some(names) = list(|name| is_listed(RESERVED, name)) {
        let message = format!(
            "{unable} the environment variables you have provided contains reserved keys that are currently not \
             supported for modification. Reserved keys used in this request: {names}"
        );
        return Err(ApiError::bad_request("InvalidParameterValueException", message));
    }
    // A name with `=` in it would set another variable than the one that is looked up here.
    if let Some(names) = list(|name| !is_name(name)) {
        let message = format!(
            "1 validation error detected: Value '{{{names}}}' at 'environment.variables' failed to satisfy constraint: \
             Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
        );
        return Err(ApiError::bad_request("ValidationException", message));
    }
    let measured = serde_json::to_string(variables).unwrap_or_default();
    if measured.len() > MOST_BYTES {
        let message = format!(
            "{unable} the environment variables you have provided exceeded the 4KB limit. String measured: {measured}"
        );
        return Err(ApiError::bad_request("InvalidParameterValueException", message));
    }
    if let Some(names) = list(is_refused) {
        let message = format!(
            "{unable} this local cloud runs the function without a sandbox, and these can make it run other code or \
             reach another service: {names}. Set them in a program of your own, started with --handler"
        );
        return Err(ApiError::bad_request("InvalidParameterValueException", message));
    }
    Ok(())
}

fn is_listed(names: &str, name: &str) -> bool {
    names.split(' ').any(|listed| listed == name)
}

/// AWS's pattern.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && name.len() > 1
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Case does not matter: Windows ignores it in these names, and proxies are written both ways.
fn is_refused(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    is_listed(REFUSED, &name) || REFUSED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> Option<(String, String)> {
        let variables = BTreeMap::from([("FINE".to_owned(), "x".to_owned()), (name.to_owned(), "x".to_owned())]);
        check(&variables).err().map(|error| (error.code, error.message))
    }

    #[test]
    fn what_loads_other_code_is_refused_and_named() {
        let names = "\
            LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES PATH Path HOME GCONV_PATH NODE_OPTIONS \
            PYTHONPATH BASH_ENV JAVA_TOOL_OPTIONS CORECLR_PROFILER_PATH AWS_LAMBDA_EXEC_WRAPPER \
            AWS_ENDPOINT_URL AWS_ENDPOINT_URL_SNS AWS_IGNORE_CONFIGURED_ENDPOINT_URLS https_proxy ALL_PROXY";
        for name in names.split(' ') {
            let (code, message) = refused(name).expect(name);
            assert_eq!(code, "InvalidParameterValueException");
            assert!(message.contains(&format!(": {name}. ")) && message.contains("--handler"), "{message}");
        }
    }

    #[test]
    fn what_lambda_sets_itself_is_refused_in_its_words() {
        for name in RESERVED.split(' ') {
            let (code, message) = refused(name).expect(name);
            assert_eq!(code, "InvalidParameterValueException");
            assert!(message.ends_with(&format!("Reserved keys used in this request: {name}")), "{message}");
        }
    }

    #[test]
    fn a_name_is_of_letters_digits_and_underscores() {
        for name in ["LD_PRELOAD=/tmp/x.so:", "", "A", "1A", "A-B", "A B", "BASH_FUNC_x%%", "_JAVA_OPTIONS", "Ä1"] {
            assert_eq!(refused(name).expect(name).0, "ValidationException", "{name}");
        }
    }

    #[test]
    fn what_functions_need_is_taken() {
        for name in ["SNS_TOPIC_ARN", "ENV", "LANG", "TZ", "HOMEPAGE", "NODE_ENV", "RUST_LOG", "IMAGE_PATH", "OLD_NAME"]
        {
            assert_eq!(refused(name), None, "{name}");
        }
    }
}
